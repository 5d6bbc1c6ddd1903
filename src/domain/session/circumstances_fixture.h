#pragma once
// For tests: a house in which every circumstance of the approved tables can be met. Workstations
// in each posture stand in each segment of its network, and addresses have countries.

#include "tests/support/people.h"

#include "domain/directory/workstation.h"
#include "domain/policy/workstation_posture.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace sallyport::session {

// As the tables name them.
struct Circumstance {
    std::string posture, place, segment;
};

inline constexpr std::string_view unzoned = "unzoned";

inline std::vector<std::string> all_segments() {
    std::vector<std::string> all{std::string(unzoned)};
    for (std::size_t i = 0; i < policy::zone_kind_count; ++i) {
        all.emplace_back(policy::to_text(static_cast<policy::ZoneKind>(i)));
    }
    return all;
}

// With a zone of each kind, that is called as its kind.
inline policy::Policy with_facts(policy::Policy policy) {
    policy.context.home_countries = {"DE"};
    policy.context.os_floors = {{"windows", "10.0.19045"}};
    for (std::size_t i = 0; i < policy::zone_kind_count; ++i) {
        const auto kind = static_cast<policy::ZoneKind>(i);
        policy.zones.push_back(
            {.name = std::string(policy::to_text(kind)),
             .kind = kind,
             .networks = {IpNetwork::parse(fmt::format("10.{}.0.0/16", i)).value()}}
        );
    }
    return policy;
}

// Of a house without zones, nobody is in one.
inline policy::Policy as_seen_from(std::string_view segment, policy::Policy policy) {
    if (segment == unzoned) policy.zones.clear();
    return policy;
}

inline std::string workstation_in(std::string_view posture, std::string_view segment) {
    return fmt::format("{}-{}", posture, segment);
}

inline audit::Where where_in(const Circumstance& circumstance) {
    static const std::map<std::string, std::string> countries{
        {"home", "DE"}, {"abroad", "FR"}, {"unknown", ""}
    };
    const auto kind = policy::zone_kind(circumstance.segment);
    auto where =
        test::from_web(kind ? fmt::format("10.{}.0.5", static_cast<int>(*kind)) : "192.0.2.7");
    where.workstation = workstation_in(circumstance.posture, circumstance.segment);
    where.country = countries.at(circumstance.place);
    return where;
}

// By name. Those in order report it, those that are not report that too, of the third kind nothing
// is known.
inline std::map<std::string, directory::Workstation> stand_up_workstations(
    test::People& people, const audit::Actor& by
) {
    std::map<std::string, directory::Workstation> all;
    const auto report = [&](store::Tx& tx, const std::string& name, bool disk_encrypted) {
        const policy::PostureReport made{
            .workstation = name,
            .claims =
                {
                    .disk_encrypted = disk_encrypted,
                    .os = "windows",
                    .os_version = "10.0.22631",
                    .reported_at = people.clock.now(),
                },
        };
        REQUIRE(policy::import_posture(tx, people.now(), {made}, by).taken == 1);
    };
    people.database().write([&](store::Tx& tx) {
        all.clear();
        for (const auto* const posture : {"compliant", "not_compliant", "unknown"}) {
            for (const auto& segment : all_segments()) {
                const auto name = workstation_in(posture, segment);
                auto made = directory::register_workstation(tx, people.now(), name, segment, by);
                REQUIRE(made.has_value());
                all.emplace(name, made->workstation);
                if (std::string_view(posture) == "unknown") continue;
                report(tx, name, std::string_view(posture) == "compliant");
            }
        }
    });
    return all;
}

}  // namespace sallyport::session
