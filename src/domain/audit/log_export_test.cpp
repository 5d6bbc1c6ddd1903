#include "domain/audit/log_export.h"

#include "tests/support/databases.h"

#include "domain/audit/audit_samples.h"
#include "domain/audit/log_store.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace sallyport::audit {

namespace {

struct Desk {
    explicit Desk(store::Database& on) : database(on) {}

    void append_many(int count, const std::string& object) {
        for (int i = 0; i < count; ++i) {
            clock.advance(Duration(1000));
            auto event = event_by(samples::engineer(), "pam.command", "run", object);
            event.fields.push_back({"seq", std::int64_t{i}});
            event.fields.push_back({"command", "GET /status"});
            database.write([&](store::Tx& tx) { append(tx, moments.now(), event); });
        }
    }

    void number_all() {
        database.write([](store::Tx& tx) {
            const auto epoch = take_over(tx).epoch;
            while (has_unnumbered(tx)) {
                CHECK(number_rows(tx, epoch, 1000).has_value());
            }
        });
    }

    ExportRange range() {
        return database.read([](store::Tx& tx) { return export_range(tx); });
    }

    // All pages, with `between` after each; as many as were counted.
    template <class F>
    std::vector<Entry> exported(const Filter& filter, const ExportRange& of, F between) {
        const auto counted =
            database.read([&](store::Tx& tx) { return export_count(tx, filter, of); });
        std::vector<Entry> all;
        ExportCursor cursor;
        while (!cursor.done) {
            const auto page =
                database.read([&](store::Tx& tx) { return export_page(tx, filter, of, cursor); });
            CHECK(std::ssize(page.entries) <= export_page_events_max);
            all.insert(all.end(), page.entries.begin(), page.entries.end());
            cursor = page.next;
            between();
        }
        CHECK(std::ssize(all) == counted);
        return all;
    }

    store::Database& database;
    test::SettableClock clock;
    test::ReplayedRandom random;
    test::Moments moments{clock, random};
};

}  // namespace

TEST_CASE("an export is the log as it was when asked for, oldest first, whatever is added since") {
    test::for_each_engine([](store::Database& database) {
        Desk desk(database);
        desk.append_many(450, "device:pump-07");
        desk.number_all();
        desk.append_many(250, "device:pump-08");
        const auto range = desk.range();
        CHECK(to_text(range, {}) == "events 0 to 449, 250 not yet numbered");

        // Between two pages more is written and all of it numbered, the export's own rows too.
        const auto all = desk.exported({}, range, [&] {
            desk.append_many(1, "device:pump-09");
            desk.number_all();
        });
        REQUIRE(all.size() == 700);
        for (std::size_t i = 1; i < all.size(); ++i) {
            CHECK(all[i - 1].at < all[i].at);
        }
        CHECK(all.front().object == "device:pump-07");
        CHECK(all[449].leaf_index == 449);
        CHECK(all.back().object == "device:pump-08");
        CHECK(all.front().personal_json.contains("e.larsson"));
    });
}

TEST_CASE("an export holds to its filter, and its text names every condition") {
    test::for_each_engine([](store::Database& database) {
        Desk desk(database);
        desk.append_many(3, "device:pump-07");
        const auto from = desk.clock.now() + Duration(1);
        desk.append_many(4, "device:pump-08");
        desk.number_all();
        desk.append_many(2, "device:pump-08");
        const auto range = desk.range();
        Filter filter;
        filter.type_prefix = "pam.";
        filter.object = "device:pump-08";
        filter.from = from;
        filter.until = desk.clock.now();
        const auto some = desk.exported(filter, range, [] {});
        CHECK(some.size() == 5);  // the last one is at `until`
        CHECK(
            to_text(range, filter) ==
            "events 0 to 6, 2 not yet numbered; type begins with \"pam.\"; object is "
            "\"device:pump-08\"; from \"" +
                sallyport::to_text(from) + "\"; before \"" + sallyport::to_text(desk.clock.now()) +
                '"'
        );
        Filter ids;
        ids.account = AccountId::fresh(from, desk.random);
        ids.session = SessionId::fresh(from, desk.random);
        ids.grant = GrantId::fresh(from, desk.random);
        CHECK(desk.exported(ids, range, [] {}).empty());
        CHECK(
            to_text({}, ids) == "no numbered events; account is \"" + ids.account->text() +
                                    "\"; session is \"" + ids.session->text() + "\"; grant is \"" +
                                    ids.grant->text() + '"'
        );
    });
}

TEST_CASE("an empty log exports nothing, and ends") {
    test::for_each_engine([](store::Database& database) {
        Desk desk(database);
        const auto range = desk.range();
        CHECK(desk.exported({}, range, [] {}).empty());
        CHECK(to_text(range, {}) == "no numbered events");
    });
}

}  // namespace sallyport::audit
