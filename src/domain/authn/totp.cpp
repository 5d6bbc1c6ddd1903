#include "domain/authn/totp.h"

#include "base/core/bytes.h"
#include "base/core/fault.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <span>

namespace sallyport::authn {

namespace {

using crypto::HashAlgorithm;
using crypto::Secret;

constexpr std::uint64_t power_of_ten(int digits) {
    std::uint64_t power = 1;
    for (int i = 0; i < digits; ++i) {
        power *= 10;
    }
    return power;
}

// RFC 4226 §5.3: "dynamic truncation" takes 31 bits from where the last nibble points.
std::uint32_t truncated(BytesView mac) {
    const auto offset = std::to_integer<std::size_t>(mac.back() & std::byte{0x0F});
    ByteReader at(mac.subspan(offset));
    return at.u32().value() & 0x7FFFFFFFU;
}

bool well_formed(std::string_view code, int digits) {
    return code.size() == static_cast<std::size_t>(digits) &&
           std::ranges::all_of(code, [](char c) { return c >= '0' && c <= '9'; });
}

constexpr std::string_view base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

// Writes the base32 of `bytes` character by character. Not base/core's to_base32: that would leave
// the seed in a std::string.
template <class Put>
void each_base32_character(BytesView bytes, Put put) {
    std::uint32_t window = 0;
    int bits = 0;
    for (const auto byte : bytes) {
        window = (window << 8U) | std::to_integer<std::uint32_t>(byte);
        for (bits += 8; bits >= 5; bits -= 5) {
            put(base32[(window >> static_cast<unsigned>(bits - 5)) & 31U]);
        }
    }
    if (bits > 0) put(base32[(window << static_cast<unsigned>(5 - bits)) & 31U]);
}

std::size_t base32_size(std::size_t bytes) {
    return (bytes * 8 + 4) / 5;
}

// RFC 3986 §2.3: everything but the unreserved characters is escaped.
std::string percent_encoded(std::string_view text) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
        if (plain) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += {'%', hex[byte >> 4U], hex[byte & 15U]};
        }
    }
    return out;
}

struct AlgorithmName {
    HashAlgorithm algorithm;
    std::string_view text;
};

constexpr std::array<AlgorithmName, 3> algorithm_names = {{
    {HashAlgorithm::sha1, "SHA1"},
    {HashAlgorithm::sha256, "SHA256"},
    {HashAlgorithm::sha512, "SHA512"},
}};

}  // namespace

std::string totp_code(const Secret& seed, TotpStep step, const TotpRules& rules) {
    ByteWriter counter;
    counter.u64(static_cast<std::uint64_t>(step));
    const auto mac = crypto::hmac(rules.algorithm, seed, counter.bytes());

    auto number = truncated(mac) % power_of_ten(rules.digits);
    std::string code(static_cast<std::size_t>(rules.digits), '0');
    for (auto digit = code.rbegin(); digit != code.rend(); ++digit) {
        *digit = static_cast<char>('0' + number % 10);
        number /= 10;
    }
    return code;
}

TotpStep totp_step(Time now, const TotpRules& rules) {
    return static_cast<TotpStep>(now.time_since_epoch() / rules.period);
}

Result<TotpStep> verify_totp(
    const Secret& seed,
    std::string_view code,
    Time now,
    TotpStep last_accepted,
    const TotpRules& rules
) {
    if (!well_formed(code, rules.digits)) return refuse(Refusal::invalid, "totp.malformed");

    const auto current = static_cast<std::int64_t>(totp_step(now, rules));
    auto fitting = TotpStep::none;
    for (int drift = -rules.drift_steps_max; drift <= rules.drift_steps_max; ++drift) {
        const auto step = static_cast<TotpStep>(current + drift);
        const bool same =
            crypto::constant_time_equal(as_bytes(totp_code(seed, step, rules)), as_bytes(code));
        // Should two steps of the window have one code, the later one is spent: then neither can be
        // shown again.
        if (same) fitting = step;
    }
    if (fitting == TotpStep::none) return refuse(Refusal::unauthenticated, "totp.wrong");
    if (fitting <= last_accepted) return refuse(Refusal::unauthenticated, "totp.replayed");
    return fitting;
}

Secret otpauth_uri(
    const Secret& seed, std::string_view issuer, std::string_view account, const TotpRules& rules
) {
    const auto who = percent_encoded(issuer);
    const std::string front = "otpauth://totp/" + who + ":" + percent_encoded(account) + "?secret=";
    const std::string back = "&issuer=" + who +
                             "&algorithm=" + std::string(to_text(rules.algorithm)) +
                             "&digits=" + std::to_string(rules.digits) +
                             "&period=" + std::to_string(rules.period.count());
    const auto size = front.size() + base32_size(seed.size()) + back.size();
    return Secret::make(size, [&](std::span<std::byte> out) {
        auto at = std::ranges::copy(as_bytes(front), out.begin()).out;
        each_base32_character(seed.expose(), [&](char c) { *at++ = static_cast<std::byte>(c); });
        std::ranges::copy(as_bytes(back), at);
    });
}

Secret seed_text(const Secret& seed) {
    constexpr std::size_t group = 4;
    const auto characters = base32_size(seed.size());
    const auto spaces = characters == 0 ? 0 : (characters - 1) / group;
    return Secret::make(characters + spaces, [&](std::span<std::byte> out) {
        std::size_t written = 0;
        auto at = out.begin();
        each_base32_character(seed.expose(), [&](char c) {
            if (written != 0 && written % group == 0) *at++ = std::byte{' '};
            *at++ = static_cast<std::byte>(c);
            ++written;
        });
    });
}

std::string_view to_text(HashAlgorithm algorithm) noexcept {
    for (const auto& [value, text] : algorithm_names) {
        if (value == algorithm) return text;
    }
    return "";
}

HashAlgorithm totp_algorithm(std::string_view text) {
    for (const auto& [value, name] : algorithm_names) {
        if (name == text) return value;
    }
    throw Fault("a stored TOTP seed has an algorithm that is not known");
}

}  // namespace sallyport::authn
