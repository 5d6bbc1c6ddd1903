#include "base/core/time.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace sallyport;

namespace {

std::string reason_for(std::string_view text) {
    const auto time = parse_time(text);
    return time ? "accepted" : std::string(time.error().reason);
}

}  // namespace

TEST_CASE("a time is shown in UTC with milliseconds") {
    CHECK(to_text(from_micros(0)) == "1970-01-01T00:00:00.000Z");
    CHECK(to_text(from_micros(1'795'336'200'250'999)) == "2026-11-22T08:30:00.250Z");
    CHECK(to_text(from_micros(-1)) == "1969-12-31T23:59:59.999Z");
    CHECK(to_text(from_micros(951'782'400'000'000)) == "2000-02-29T00:00:00.000Z");
}

TEST_CASE("RFC 3339 section 5.8: the examples that name an instant of ours") {
    CHECK(to_text(parse_time("1985-04-12T23:20:50.52Z").value()) == "1985-04-12T23:20:50.520Z");
    CHECK(to_text(parse_time("1996-12-19T16:39:57-08:00").value()) == "1996-12-20T00:39:57.000Z");
    CHECK(
        to_text(parse_time("1937-01-01T12:00:27.87+00:20").value()) == "1937-01-01T11:40:27.870Z"
    );
    CHECK(reason_for("1990-12-31T23:59:60Z") == "time.malformed");  // we know no leap seconds
}

TEST_CASE("decimals are read to the microsecond") {
    CHECK(to_micros(parse_time("1970-01-01T00:00:00.000001Z").value()) == 1);
    CHECK(to_micros(parse_time("1970-01-01T00:00:00.1Z").value()) == 100'000);
    CHECK(reason_for("1970-01-01T00:00:00.0000001Z") == "time.malformed");
    CHECK(reason_for("1970-01-01T00:00:00.Z") == "time.malformed");
}

TEST_CASE("what is not a time is refused") {
    for (const std::string_view bad :
         {"",
          "Z",
          "2026-11-22",
          "2026-11-22T08:30:00",
          "2026-11-22t08:30:00Z",
          "2026-11-22T08:30:00z",
          "2026-11-22 08:30:00Z",
          "2026-13-01T00:00:00Z",
          "2026-00-01T00:00:00Z",
          "2026-02-29T00:00:00Z",
          "2026-11-31T00:00:00Z",
          "2026-11-22T24:00:00Z",
          "2026-11-22T08:60:00Z",
          "2026-11-22T08:30:61Z",
          "2026-11-22T08:30:00+0100",
          "2026-11-22T08:30:00+24:00",
          "2026-11-22T08:30:00+01:60",
          "2026-11-22T08:30:00Z ",
          " 2026-11-22T08:30:00Z",
          "+2026-11-22T08:30:00Z",
          "2026-11-22T08:30:00,5Z",
          "2026-11-22T08:30:-1Z",
          "20261122T083000Z",
          "2026-1-22T08:30:00Z"}) {
        CHECK_MESSAGE(reason_for(bad) == "time.malformed", bad);
    }
}

TEST_CASE("what was shown is read back, from year 0 to 9999") {
    const auto first = to_micros(parse_time("0000-01-01T00:00:00Z").value()) / 1000;
    const auto last = to_micros(parse_time("9999-12-31T23:59:59.999Z").value()) / 1000;
    const bool held = rc::check([&] {
        const auto millis = *rc::gen::inRange(first, last);
        const auto time = from_micros(millis * 1000);
        RC_ASSERT(parse_time(to_text(time)).value() == time);
    });
    CHECK(held);
}

TEST_CASE("the system's clocks go on") {
    const SystemClock clock;
    const auto wall = clock.now();
    const auto start = clock.monotonic();
    CHECK(wall > parse_time("2024-01-01T00:00:00Z").value());
    CHECK(clock.monotonic() >= start);
}
