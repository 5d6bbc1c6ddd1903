#include "domain/policy/zones_json.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <utility>

namespace sallyport::policy {

namespace {

using directory::MemberReader;
using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr std::size_t name_size_max = 32;
constexpr std::int64_t day_seconds = 24LL * 60 * 60;

ZoneKind kind_in(MemberReader& members, std::string_view name) {
    const auto kind = zone_kind(members.text(name, 1, name_size_max));
    if (!kind) members.complain(name, "must be consult_room, ward, pharmacy, admin or remote");
    return kind.value_or(ZoneKind::remote);
}

std::vector<IpNetwork> networks_in(MemberReader& members) {
    std::vector<IpNetwork> networks;
    for (const auto& each : members.array("networks", zone_networks_max)) {
        const auto* const text = each.get_ptr<const std::string*>();
        auto network = IpNetwork::parse(text == nullptr ? std::string_view() : *text);
        if (!network) {
            members.complain("networks", "has an entry that is not like 10.3.0.0/16");
            return {};
        }
        networks.push_back(*std::move(network));
    }
    return networks;
}

Zone zone_in(const Json& object, std::string path, std::string& problem) {
    MemberReader members(object, std::move(path), problem);
    Zone zone;
    zone.name = members.text("name", 1, name_size_max);
    zone.kind = kind_in(members, "kind");
    zone.networks = networks_in(members);
    members.finish();
    return zone;
}

TimerProfile profile_in(const Json& object, std::string path, std::string& problem) {
    MemberReader members(object, std::move(path), problem);
    TimerProfile profile;
    profile.role = members.text("role", 1, name_size_max);
    profile.zone = kind_in(members, "zone");
    profile.idle = std::chrono::seconds(members.integer("idle_seconds", 1, day_seconds));
    profile.absolute = std::chrono::seconds(members.integer("absolute_seconds", 1, day_seconds));
    profile.rationale =
        members.text("rationale", timer_rationale_size_min, timer_rationale_size_max);
    members.finish();
    return profile;
}

}  // namespace

OrderedJson zones_json(const Policy& policy) {
    auto zones = OrderedJson::array();
    for (const auto& zone : policy.zones) {
        auto networks = OrderedJson::array();
        for (const auto& network : zone.networks) {
            networks.push_back(network.text());
        }
        zones.push_back(
            {{"name", zone.name}, {"kind", to_text(zone.kind)}, {"networks", std::move(networks)}}
        );
    }
    return zones;
}

OrderedJson timer_profiles_json(const Policy& policy) {
    auto profiles = OrderedJson::array();
    for (const auto& profile : policy.timer_profiles) {
        profiles.push_back({
            {"role", profile.role},
            {"zone", to_text(profile.zone)},
            {"idle_seconds", profile.idle.count()},
            {"absolute_seconds", profile.absolute.count()},
            {"rationale", profile.rationale},
        });
    }
    return profiles;
}

void read_zones(MemberReader& document, std::string& problem, Policy& policy) {
    if (!document.has("zones")) return;
    const auto& zones = document.array("zones", zones_max);
    for (std::size_t i = 0; i < zones.size(); ++i) {
        policy.zones.push_back(zone_in(zones[i], fmt::format("zones[{}]", i), problem));
    }
}

void read_timer_profiles(MemberReader& document, std::string& problem, Policy& policy) {
    if (!document.has("timer_profiles")) return;
    const auto& profiles = document.array("timer_profiles", timer_profiles_max);
    for (std::size_t i = 0; i < profiles.size(); ++i) {
        policy.timer_profiles.push_back(
            profile_in(profiles[i], fmt::format("timer_profiles[{}]", i), problem)
        );
    }
}

}  // namespace sallyport::policy
