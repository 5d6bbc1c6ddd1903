#include "domain/authn/throttle.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <span>

namespace sallyport::authn {

namespace {

using namespace std::chrono_literals;

// 1 s, 2 s, 4 s … for the first, second, third failure beyond the free ones.
Duration delay_after(std::int64_t beyond, const ThrottleRules& rules) {
    if (beyond <= 0) return 0s;
    constexpr std::int64_t doublings_max = 20;  // more than any delay_max needs
    const auto doublings = std::min(beyond - 1, doublings_max);
    const std::chrono::seconds delay{std::int64_t{1} << doublings};
    return std::min(delay, rules.delay_max);
}

}  // namespace

Throttle run_down(Throttle throttle, Time now, const ThrottleRules& rules) {
    if (now > throttle.counted_at) {
        const auto forgotten = (now - throttle.counted_at) / rules.one_forgotten_each;
        if (forgotten >= throttle.failures) {
            throttle.failures = 0;
            throttle.counted_at = now;
        } else {
            throttle.failures -= forgotten;
            throttle.counted_at += forgotten * rules.one_forgotten_each;
        }
    } else {
        throttle.counted_at = now;
    }
    throttle.blocked_until = std::min(throttle.blocked_until, now + rules.delay_max);
    return throttle;
}

Throttle after_failure(Throttle throttle, Time now, const ThrottleRules& rules) {
    throttle = run_down(throttle, now, rules);
    ++throttle.failures;
    ++throttle.in_a_row;
    throttle.blocked_until = now + delay_after(throttle.failures - rules.free_failures + 1, rules);
    return throttle;
}

Throttle after_success(Throttle throttle) {
    throttle.failures = std::max<std::int64_t>(throttle.failures - 1, 0);
    throttle.in_a_row = std::max<std::int64_t>(throttle.in_a_row - 1, 0);
    return throttle;
}

Duration wait_of(const Throttle& throttle, Time now) {
    return std::max<Duration>(throttle.blocked_until - now, 0s);
}

bool stopped(const Throttle& throttle, const ThrottleRules& rules) {
    return rules.in_a_row_max > 0 && throttle.in_a_row >= rules.in_a_row_max;
}

std::string source_bucket(std::string_view address) {
    constexpr std::size_t network_bytes = 8;  // whoever has one IPv6 address has a /64 of them
    std::string text(address);
    std::array<unsigned char, 16> bytes{};
    if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return text;
    constexpr std::array<unsigned char, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    if (std::ranges::equal(std::span(bytes).first(mapped.size()), mapped)) {
        std::array<char, INET_ADDRSTRLEN> v4{};
        inet_ntop(AF_INET, bytes.data() + mapped.size(), v4.data(), v4.size());
        return v4.data();
    }
    std::fill(bytes.begin() + network_bytes, bytes.end(), static_cast<unsigned char>(0));
    std::array<char, INET6_ADDRSTRLEN> network{};
    inet_ntop(AF_INET6, bytes.data(), network.data(), network.size());
    return std::string(network.data()) + "/64";
}

}  // namespace sallyport::authn
