#include "domain/policy/posture.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <system_error>

namespace sallyport::policy {

namespace {

constexpr std::array<std::string_view, 3> posture_texts{"compliant", "unknown", "not_compliant"};

constexpr std::size_t parts_max = 6;
constexpr std::size_t digits_max = 9;

using Version = std::array<std::uint32_t, parts_max>;

// Parts that are not there are zero: "10" is "10.0".
std::optional<Version> version_in(std::string_view text) {
    Version version{};
    for (std::size_t part = 0; part < parts_max; ++part) {
        const auto dot = text.find('.');
        const auto digits = text.substr(0, dot);
        if (digits.empty() || digits.size() > digits_max) return std::nullopt;
        const auto* const end = digits.data() + digits.size();
        const auto [stop, error] = std::from_chars(digits.data(), end, version[part]);
        if (error != std::errc() || stop != end) return std::nullopt;
        if (dot == std::string_view::npos) return version;
        text.remove_prefix(dot + 1);
    }
    return std::nullopt;
}

}  // namespace

std::string_view to_text(Posture posture) noexcept {
    return posture_texts[static_cast<std::size_t>(posture)];
}

std::optional<Posture> posture(std::string_view text) noexcept {
    const auto* const found = std::ranges::find(posture_texts, text);
    if (found == posture_texts.end()) return std::nullopt;
    return static_cast<Posture>(found - posture_texts.begin());
}

Posture judge_posture(
    const std::vector<OsFloor>& floors, const std::optional<PostureClaims>& claims, Time now
) {
    if (!claims) return Posture::unknown;
    const auto age = now - claims->reported_at;
    if (age > posture_age_max || age < -posture_clock_difference_max) return Posture::not_compliant;
    if (!claims->disk_encrypted) return Posture::not_compliant;
    const auto floor = std::ranges::find(floors, claims->os, &OsFloor::os);
    if (floor == floors.end()) return Posture::unknown;
    const auto has = version_in(claims->os_version);
    const auto least = version_in(floor->version);
    if (!has || !least) return Posture::unknown;
    return *has < *least ? Posture::not_compliant : Posture::compliant;
}

bool is_os_version(std::string_view text) {
    return version_in(text).has_value();
}

}  // namespace sallyport::policy
