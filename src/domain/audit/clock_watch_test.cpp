#include "domain/audit/clock_watch.h"

#include "tests/support/databases.h"

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

}  // namespace sallyport::audit
