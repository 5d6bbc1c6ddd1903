#include "domain/policy/zones.h"

#include "domain/policy/policy.h"

#include <algorithm>
#include <array>

namespace sallyport::policy {

namespace {

constexpr std::array<std::string_view, zone_kind_count> kind_texts{
    "consult_room", "ward", "pharmacy", "admin", "remote"
};

}  // namespace

std::string_view to_text(ZoneKind kind) noexcept {
    return kind_texts[static_cast<std::size_t>(kind)];
}

std::optional<ZoneKind> zone_kind(std::string_view text) noexcept {
    const auto* const found = std::ranges::find(kind_texts, text);
    if (found == kind_texts.end()) return std::nullopt;
    return static_cast<ZoneKind>(found - kind_texts.begin());
}

Segment segment_of(const Policy& policy, std::string_view address) {
    Segment segment;
    if (policy.zones.empty()) return segment;
    segment.zone.clear();
    const auto parsed = parse_ip_address(address);
    for (const auto& zone : policy.zones) {
        const bool inside = parsed && std::ranges::any_of(zone.networks, [&](const auto& network) {
                                return network.contains(*parsed);
                            });
        if (!inside) continue;
        segment.zone += segment.zone.empty() ? zone.name : '+' + zone.name;
        segment.kinds.set(static_cast<std::size_t>(zone.kind));
    }
    if (segment.kinds.none()) {
        segment.zone = "outside";
        segment.kinds.set(static_cast<std::size_t>(ZoneKind::remote));
    }
    return segment;
}

}  // namespace sallyport::policy
