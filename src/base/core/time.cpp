#include "base/core/time.h"

#include "base/core/fault.h"

#include <fmt/format.h>

#include <ctime>

namespace sallyport {
namespace {

using std::chrono::days;

constexpr std::int64_t micros_per_second = 1'000'000;

// Reads fixed-width decimal fields from the front. After the first mismatch it stays failed, so
// that the caller asks once, at the end.
class FieldReader {
public:
    explicit FieldReader(std::string_view text) : rest_(text) {}

    int number(std::size_t digits) {
        if (rest_.size() < digits) return fail();
        int value = 0;
        for (const char c : rest_.substr(0, digits)) {
            if (c < '0' || c > '9') return fail();
            value = value * 10 + (c - '0');
        }
        rest_.remove_prefix(digits);
        return value;
    }

    void literal(char expected) {
        if (!skip(expected)) fail();
    }

    bool skip(char wanted) {
        if (rest_.empty() || rest_.front() != wanted) return false;
        rest_.remove_prefix(1);
        return true;
    }

    // One to six decimals, as microseconds.
    int fraction() {
        int value = 0;
        int digits = 0;
        while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
            if (++digits > 6) return fail();
            value = value * 10 + (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        if (digits == 0) return fail();
        for (; digits < 6; ++digits) {
            value *= 10;
        }
        return value;
    }

    [[nodiscard]] bool failed() const { return failed_; }

    [[nodiscard]] bool at_end() const { return rest_.empty(); }

private:
    int fail() {
        failed_ = true;
        rest_ = {};
        return 0;
    }

    std::string_view rest_;
    bool failed_ = false;
};

Duration read_clock(clockid_t clock) {
    timespec now{};
    if (clock_gettime(clock, &now) != 0) throw Fault("the kernel does not tell the time");
    return Duration(now.tv_sec * micros_per_second + now.tv_nsec / 1000);
}

}  // namespace

Time SystemClock::now() const {
    return Time(read_clock(CLOCK_REALTIME));
}

// BOOTTIME, since a lease must run out while the machine sleeps.
Duration SystemClock::monotonic() const {
    return read_clock(CLOCK_BOOTTIME);
}

std::string to_text(Time time) {
    const auto day = std::chrono::floor<days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::milliseconds>(time - day));
    return fmt::format(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()),
        clock.hours().count(),
        clock.minutes().count(),
        clock.seconds().count(),
        clock.subseconds().count()
    );
}

Result<Time> parse_time(std::string_view text) {
    FieldReader in(text);
    const int year = in.number(4);
    in.literal('-');
    const int month = in.number(2);
    in.literal('-');
    const int day = in.number(2);
    in.literal('T');
    const int hour = in.number(2);
    in.literal(':');
    const int minute = in.number(2);
    in.literal(':');
    const int second = in.number(2);
    const int micros = in.skip('.') ? in.fraction() : 0;

    int offset_minutes = 0;
    if (!in.skip('Z')) {
        const int sign = in.skip('+') ? 1 : -1;
        if (sign < 0) in.literal('-');
        const int offset_hour = in.number(2);
        in.literal(':');
        const int offset_minute = in.number(2);
        if (offset_hour > 23 || offset_minute > 59) {
            return refuse(Refusal::invalid, "time.malformed");
        }
        offset_minutes = sign * (offset_hour * 60 + offset_minute);
    }

    const std::chrono::year_month_day date(
        std::chrono::year(year),
        std::chrono::month(static_cast<unsigned>(month)),
        std::chrono::day(static_cast<unsigned>(day))
    );
    // No leap seconds: our clocks do not show them, and 23:59:60 would be a second name for 00:00.
    const bool sound =
        !in.failed() && in.at_end() && date.ok() && hour < 24 && minute < 60 && second < 60;
    if (!sound) return refuse(Refusal::invalid, "time.malformed");
    return Time(
        std::chrono::sys_days(date) + std::chrono::hours(hour) +
        std::chrono::minutes(minute - offset_minutes) + std::chrono::seconds(second) +
        Duration(micros)
    );
}

}  // namespace sallyport
