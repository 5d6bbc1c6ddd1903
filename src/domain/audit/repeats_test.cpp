#include "domain/audit/repeats.h"

#include "tests/support/databases.h"

#include "domain/audit/audit_samples.h"
#include "domain/audit/log.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace sallyport::audit {

namespace {

using namespace std::chrono_literals;

struct Desk {
    test::SqliteFixture sqlite;
    test::SettableClock clock;
    test::ReplayedRandom random;
    test::Moments moments{clock, random};
    Repeats repeats;

    void knock(const std::string& source, std::string_view kind = "token_in_url") {
        sqlite.database().write([&](store::Tx& tx) {
            repeats.append(tx, moments.now(), samples::failure(), kind, source);
        });
    }

    // What a job does.
    std::size_t write_due(Repeats::Which which = Repeats::Which::due) {
        const auto moment = moments.now();
        const auto events = repeats.take(moment.monotonic, which);
        sqlite.database().write([&](store::Tx& tx) {
            for (const auto& event : events) {
                append(tx, moment, event);
            }
        });
        return events.size();
    }

    std::vector<Entry> written() {
        return sqlite.database().read([](store::Tx& tx) { return list(tx, {.count_max = 1000}); });
    }
};

bool tells(const Entry& entry, int times) {
    return entry.leaf_json.contains("\"times\":" + std::to_string(times));
}

}  // namespace

TEST_CASE("of what one source repeats within a minute one event is written, and then the number") {
    Desk desk;
    for (int i = 0; i < 1000; ++i) {
        desk.knock("192.0.2.99");
    }
    CHECK(desk.written().size() == 1);
    CHECK_FALSE(desk.written().front().leaf_json.contains("\"times\""));
    CHECK(desk.write_due() == 0);

    desk.clock.advance(Repeats::window);
    CHECK(desk.write_due() == 1);
    REQUIRE(desk.written().size() == 2);
    CHECK(tells(desk.written().front(), 999));
    // That was told just now: the next minute counts from here.
    desk.knock("192.0.2.99");
    CHECK(desk.written().size() == 2);
    desk.clock.advance(Repeats::window);
    desk.knock("192.0.2.99");
    REQUIRE(desk.written().size() == 3);
    CHECK(tells(desk.written().front(), 2));
    CHECK(desk.write_due() == 0);
}

TEST_CASE("other sources and other kinds are told apart") {
    Desk desk;
    desk.knock("192.0.2.99");
    desk.knock("192.0.2.98");
    desk.knock("192.0.2.99", "handoff.unknown");
    CHECK(desk.written().size() == 3);
}

TEST_CASE("a stranger with many addresses is bounded too, and no occurrence is lost") {
    Desk desk;
    constexpr int sources = 500;
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < sources; ++i) {
            desk.knock("2001:db8:" + std::to_string(i) + "::");
        }
    }
    const auto first = desk.written().size();
    CHECK(first == Repeats::sources_max + 1);
    CHECK(desk.write_due(Repeats::Which::all) == Repeats::sources_max + 1);
    int told = 0;
    for (const auto& entry : desk.written()) {
        const auto at = entry.leaf_json.find("\"times\":");
        constexpr std::size_t name_size = std::string_view("\"times\":").size();
        told += at == std::string::npos ? 1 : std::stoi(entry.leaf_json.substr(at + name_size));
    }
    CHECK(told == 2 * sources);

    // A minute later there is room for others.
    desk.clock.advance(Repeats::window);
    CHECK(desk.write_due() == 0);
    const auto before = desk.written().size();
    desk.knock("192.0.2.1");
    desk.knock("192.0.2.2");
    CHECK(desk.written().size() == before + 2);
}

TEST_CASE("copies count together") {
    Desk desk;
    Repeats other = desk.repeats;
    desk.knock("192.0.2.99");
    std::swap(other, desk.repeats);
    desk.knock("192.0.2.99");
    CHECK(desk.written().size() == 1);
}

}  // namespace sallyport::audit
