#pragma once
// Where in the house somebody is, by the network that they come from.

#include "base/core/ip_network.h"

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::policy {

struct Policy;

// What kind of work is done in a zone; timers and the context decision go by it.
enum class ZoneKind : std::uint8_t {
    consult_room,
    ward,
    pharmacy,
    admin,
    remote,  // also whatever is outside all zones of a policy that has some
    // NOLINTNEXTLINE(readability-identifier-naming): set apart, since it is no kind
    count_
};

inline constexpr std::size_t zone_kind_count = static_cast<std::size_t>(ZoneKind::count_);

[[nodiscard]] std::string_view to_text(ZoneKind kind) noexcept;  // "consult_room"
[[nodiscard]] std::optional<ZoneKind> zone_kind(std::string_view text) noexcept;

struct Zone {
    std::string name;  // a-z 0-9 _ -, at most 32; in every audit event from there
    ZoneKind kind = ZoneKind::remote;
    std::vector<IpNetwork> networks;
};

// The part of the network that an address is in. Zones may overlap: then it is in all of them, and
// the strictest of each rule counts.
struct Segment {
    std::string zone = "unzoned";        // the names, joined by '+', as audit events have it
    std::bitset<zone_kind_count> kinds;  // none: the policy has no zones

    [[nodiscard]] bool is(ZoneKind kind) const { return kinds[static_cast<std::size_t>(kind)]; }
};

// Outside all zones, or with an address that can't be read, one is "outside" and remote; if the
// policy has no zones, one is "unzoned". Pure.
[[nodiscard]] Segment segment_of(const Policy& policy, std::string_view address);

}  // namespace sallyport::policy
