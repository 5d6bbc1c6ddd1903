#include "domain/audit/clock_watch.h"

#include "tests/support/clocks.h"
#include "tests/support/databases.h"

#include "domain/audit/log.h"

#include <doctest/doctest.h>

namespace sallyport::audit {

namespace {

constexpr Time noon = from_micros(1'795'348'800'000'000);

}  // namespace

TEST_CASE("a clock more than five seconds behind the highest time is behind, whatever its source") {
    using std::chrono::seconds;
    const auto state = [](Duration behind, TimeSource source) {
        return assess_clock(noon, noon - behind, source);
    };
    CHECK(state(seconds(0), TimeSource::disciplined) == ClockState::synchronised);
    CHECK(state(seconds(5), TimeSource::disciplined) == ClockState::synchronised);
    CHECK(state(seconds(5) + Duration(1), TimeSource::disciplined) == ClockState::behind);
    CHECK(state(seconds(5) + Duration(1), TimeSource::none) == ClockState::behind);
    CHECK(state(seconds(-100), TimeSource::none) == ClockState::unsynchronised);
    CHECK(assess_clock(std::nullopt, noon, TimeSource::disciplined) == ClockState::synchronised);
}

TEST_CASE("a clock that was set is noticed, and drift is not taken for it") {
    using namespace std::chrono_literals;
    ClockSteps steps;
    const Duration start = 100s;
    CHECK(steps.look(noon, start) == 0s);
    CHECK(steps.look(noon + 10s, start + 10s) == 0s);
    CHECK(steps.look(noon - 1h + 20s, start + 20s) == -1h);
    CHECK(steps.look(noon - 1h + 21s, start + 21s) == -1h);  // until it is dealt with
    steps.accept(noon - 1h + 21s, start + 21s);
    CHECK(steps.look(noon - 1h + 22s, start + 22s) == 0s);
    CHECK(steps.look(noon + 23s, start + 23s) == 1h);
    steps.accept(noon + 23s, start + 23s);
    // Small steps back add up; forward they become the new truth.
    CHECK(steps.look(noon + 24s - 600ms, start + 24s) == 0s);
    CHECK(steps.look(noon + 25s - 1200ms, start + 25s) == -1200ms);
    steps.accept(noon + 25s, start + 25s);
    CHECK(steps.look(noon + 26s + 900ms, start + 26s) == 0s);
    CHECK(steps.look(noon + 27s + 100ms, start + 27s) == 0s);
    CHECK(steps.look(noon + 28s - 100ms, start + 28s) == -1s);
}

TEST_CASE("the highest time is kept over steps back and restarts") {
    test::for_each_engine([](store::Database& database) {
        const auto note = [&](Time now) {
            return database.write([&](store::Tx& tx) { return note_time(tx, now); });
        };
        const auto highest = [&] {
            return database.read([](store::Tx& tx) { return highest_time(tx); });
        };
        CHECK_FALSE(highest());
        CHECK_FALSE(note(noon));
        CHECK(note(noon + std::chrono::seconds(10)) == noon);
        CHECK(note(noon - std::chrono::hours(1)) == noon + std::chrono::seconds(10));
        CHECK(highest() == noon + std::chrono::seconds(10));
    });
}

TEST_CASE("an operator takes back a time that a wrong clock left, and only that") {
    test::for_each_engine([](store::Database& database) {
        test::SettableClock clock(noon);
        test::ReplayedRandom random;
        const test::Moments moments(clock, random);
        const auto accept = [&] {
            return database.write([&](store::Tx& tx) {
                return accept_time(
                    tx, moments.now(), {"uid=0(root) sudo=1001(anna)", "the time server sent 2036"}
                );
            });
        };
        const auto highest = [&] {
            return database.read([](store::Tx& tx) { return highest_time(tx); });
        };
        CHECK(accept().error().reason == "clock.not_behind");
        database.write([&](store::Tx& tx) { note_time(tx, noon + clock_behind_max); });
        CHECK(accept().error().reason == "clock.not_behind");
        database.write([&](store::Tx& tx) { note_time(tx, noon + std::chrono::hours(87'600)); });

        REQUIRE(accept().has_value());

        CHECK(highest() == noon);
        CHECK(assess_clock(highest(), noon, TimeSource::disciplined) == ClockState::synchronised);
        Filter filter;
        filter.type_prefix = "time.skew";
        const auto told = database.read([&](store::Tx& tx) { return list(tx, filter); });
        REQUIRE(told.size() == 1);
        CHECK(told[0].leaf_json.contains("the time server sent 2036"));
        CHECK(told[0].leaf_json.contains("-315360000000"));
        CHECK(told[0].system == "operator");
        CHECK(told[0].personal_json.contains("uid=0(root) sudo=1001(anna)"));
        CHECK_FALSE(told[0].leaf_json.contains("anna"));
    });
}

}  // namespace sallyport::audit
