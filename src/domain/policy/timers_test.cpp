#include "domain/policy/timers.h"

#include "domain/policy/policy.h"
#include "domain/policy/policy_lint.h"
#include "domain/policy/policy_store.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck.h>

#include <functional>
#include <string>
#include <vector>

namespace sallyport::policy {

namespace {

using namespace std::chrono_literals;

Zone zone(std::string name, ZoneKind kind, const std::vector<std::string>& networks) {
    Zone made{.name = std::move(name), .kind = kind, .networks = {}};
    for (const auto& text : networks) {
        made.networks.push_back(IpNetwork::parse(text).value());
    }
    return made;
}

// The shipped policy in a house whose networks are known.
Policy house() {
    auto policy = default_policy();
    policy.zones = {
        zone("consult-2", ZoneKind::consult_room, {"10.2.0.0/16"}),
        zone("ward-3", ZoneKind::ward, {"10.3.0.0/16", "2001:db8:3::/48"}),
        zone("pharmacy", ZoneKind::pharmacy, {"10.4.0.0/24"}),
        zone("offices", ZoneKind::admin, {"10.5.0.0/16"}),
        zone("ward-3-counter", ZoneKind::pharmacy, {"10.3.7.0/24"}),
    };
    return policy;
}

Timers timers_at(const Policy& policy, std::string_view role, std::string_view address) {
    return timers_for(policy, *policy.role(role), segment_of(policy, address));
}

Refusal refusal_of(const std::function<void(Policy&)>& change) {
    auto policy = house();
    change(policy);
    const auto parsed = parse_policy(to_json(policy));
    REQUIRE_FALSE(parsed.has_value());
    return parsed.error();
}

TEST_CASE("S0-55 (part): each zone gives a clinician the timers of its kind, by network") {
    const auto policy = house();
    const auto check = [&](std::string_view address,
                           std::string_view zone_name,
                           std::chrono::seconds idle,
                           std::string_view profile) {
        CAPTURE(address);
        CHECK(segment_of(policy, address).zone == zone_name);
        const auto timers = timers_at(policy, "clinician", address);
        CHECK(timers.idle == idle);
        CHECK(timers.absolute == 8h);
        CHECK(timers.profile == profile);
    };
    check("10.2.1.1", "consult-2", 60min, "clinician/consult_room");
    check("10.3.1.1", "ward-3", 30min, "clinician/ward");
    check("2001:db8:3::7", "ward-3", 30min, "clinician/ward");
    check("::ffff:10.3.1.1", "ward-3", 30min, "clinician/ward");
    check("10.4.0.9", "pharmacy", 20min, "clinician/pharmacy");
    check("10.5.0.9", "offices", 30min, "clinician/admin");
    check("192.0.2.7", "outside", 15min, "clinician/remote");
    check("not an address", "outside", 15min, "clinician/remote");
}

TEST_CASE("S0-55 (part): where zones overlap, the strictest of each timer counts") {
    auto policy = house();
    for (auto& profile : policy.timer_profiles) {
        if (profile.zone == ZoneKind::ward) profile.absolute = 4h;
    }
    CHECK(segment_of(policy, "10.3.7.1").zone == "ward-3+ward-3-counter");

    const auto timers = timers_at(policy, "clinician", "10.3.7.1");

    CHECK(timers.idle == 20min);
    CHECK(timers.absolute == 4h);
    CHECK(timers.profile == "clinician/ward+clinician/pharmacy");
}

TEST_CASE("without zones, and for roles without profiles, the role's own timers stand") {
    const auto shipped = default_policy();
    CHECK(segment_of(shipped, "10.3.1.1").zone == "unzoned");
    CHECK(timers_at(shipped, "clinician", "10.3.1.1").idle == 60min);
    CHECK(timers_at(shipped, "clinician", "10.3.1.1").profile == "clinician");
    const auto engineer = timers_at(house(), "engineer", "10.3.1.1");
    CHECK(engineer.idle == 15min);
    CHECK(engineer.absolute == 8h);
    CHECK(engineer.profile == "engineer");
}

TEST_CASE("S0-55 (part): whatever the zones and profiles, no timer is longer than the role's") {
    const bool held = rc::check([] {
        auto policy = house();
        for (auto& profile : policy.timer_profiles) {
            profile.idle = std::chrono::seconds(*rc::gen::inRange(1, 100'000));
            profile.absolute = std::chrono::seconds(*rc::gen::inRange(1, 100'000));
        }
        const auto last = std::to_string(*rc::gen::inRange(0, 256));
        const auto address = "10." + std::to_string(*rc::gen::inRange(0, 8)) + ".7." + last;
        const auto segment = segment_of(policy, address);
        for (const auto& role : policy.roles) {
            const auto timers = timers_for(policy, role, segment);
            RC_ASSERT(timers.idle <= role.idle);
            RC_ASSERT(timers.absolute <= role.absolute);
            for (const auto& profile : policy.timer_profiles) {
                if (profile.role != role.name || !segment.is(profile.zone)) continue;
                RC_ASSERT(timers.idle <= profile.idle);
                RC_ASSERT(timers.absolute <= profile.absolute);
            }
        }
    });
    CHECK(held);
}

TEST_CASE("zones and profiles go through JSON and back, and into the diff by name") {
    const auto policy = house();
    const auto parsed = parse_policy(to_json(policy));
    REQUIRE(parsed.has_value());
    CHECK(to_json(*parsed) == to_json(policy));

    auto other = policy;
    std::swap(other.zones[0], other.zones[1]);
    CHECK(diff_of(policy, other).empty());
    other.zones[0].kind = ZoneKind::admin;
    other.timer_profiles[0].idle = 50min;
    CHECK(
        diff_of(policy, other) ==
        "timer_profiles.clinician/consult_room.idle_seconds: 3600 -> 3000\n"
        "zones.ward-3.kind: \"ward\" -> \"admin\"\n"
    );
}

TEST_CASE("a policy from before there were zones is run under as it was") {
    auto document = nlohmann::json::parse(to_json(default_policy()));
    document.erase("zones");
    document.erase("timer_profiles");
    for (auto& role : document["roles"]) {
        role.erase("timer_rationale");
    }

    const auto parsed = parse_policy(document.dump());

    REQUIRE(parsed.has_value());
    CHECK(parsed->zones.empty());
    CHECK(timers_at(*parsed, "clinician", "10.3.1.1").idle == 60min);
}

TEST_CASE("what is wrong with a zone or a profile is refused, naming it") {
    CHECK(refusal_of([](Policy& policy) {
              policy.zones[1].name = "consult-2";
          }).detail == "zones.consult-2: is there twice");
    CHECK(refusal_of([](Policy& policy) {
              policy.zones[1].networks.clear();
          }).detail == "zones.ward-3: has no network");
    for (const auto* const name : {"Ward 3", "outside", "unzoned", "a+b"}) {
        CHECK(refusal_of([&](Policy& policy) {
                  policy.zones[1].name = name;
              }).reason == "policy.zone");
    }
    CHECK(refusal_of([](Policy& policy) {
              policy.timer_profiles[0].role = "ward_clerk";
          }).reason == "policy.timer_profile");
    CHECK(refusal_of([](Policy& policy) {
              policy.timer_profiles.push_back(policy.timer_profiles[0]);
          }).detail == "timer_profiles.clinician/consult_room: is there twice");
    CHECK(
        refusal_of([](Policy& policy) { policy.timer_profiles[0].idle = 60min + 1s; }).detail ==
        "timer_profiles.clinician/consult_room.idle_seconds: must be 1 to 3600 seconds"
    );
    CHECK(
        refusal_of([](Policy& policy) { policy.timer_profiles[0].absolute = 8h + 1s; }).detail ==
        "timer_profiles.clinician/consult_room.absolute_seconds: must be 1 to 28800 seconds"
    );

    auto document = nlohmann::json::parse(to_json(house()));
    document["zones"][0]["networks"][0] = "10.2.0.1/16";
    CHECK(
        parse_policy(document.dump()).error().detail ==
        "zones[0].networks: has an entry that is not like 10.3.0.0/16"
    );
    document = nlohmann::json::parse(to_json(house()));
    document["timer_profiles"][0]["zone"] = "corridor";
    CHECK(parse_policy(document.dump()).error().detail.starts_with("timer_profiles[0].zone"));
}

TEST_CASE("S0-46 (part): a zone's timers without a rationale, or with a word for one, are refused"
) {
    for (const auto* const rationale : {"", "because"}) {
        const auto refusal =
            refusal_of([&](Policy& policy) { policy.timer_profiles[0].rationale = rationale; });
        CHECK(refusal.detail == "timer_profiles[0].rationale: must be text of 10 to 400 bytes");
    }
    auto document = nlohmann::json::parse(to_json(house()));
    document["timer_profiles"][0].erase("rationale");
    CHECK(
        parse_policy(document.dump()).error().detail == "timer_profiles[0].rationale: is missing"
    );
    for (const auto& role : default_policy().roles) {
        CAPTURE(role.name);
        CHECK(role.timer_rationale.size() >= 10);
    }
}

TEST_CASE("S0-56 (part): a clinician's idle of 15 min or less in a consult room is warned about") {
    CHECK(lint_policy(house()).empty());

    auto policy = house();
    policy.timer_profiles[0].idle = 15min + 1s;
    CHECK(lint_policy(policy).empty());
    policy.timer_profiles[0].idle = 15min;
    REQUIRE(lint_policy(policy).size() == 1);
    const auto warning = lint_policy(policy).front();
    CHECK(warning.name == "policy.consult_idle_short");
    CHECK(warning.member == "timer_profiles.clinician/consult_room.idle_seconds");
    CHECK(warning.text.find("rationale") != std::string::npos);

    // The role's own idle time holds in consult rooms too.
    policy = default_policy();
    policy.timer_profiles.clear();
    for (auto& role : policy.roles) {
        if (role.name == "clinician") role.idle = 10min;
    }
    REQUIRE(lint_policy(policy).size() == 1);
    CHECK(lint_policy(policy).front().member == "roles.clinician.idle_seconds");
    // Other roles idle out after 15 minutes as they should.
    policy = default_policy();
    policy.roles[0].timer_rationale.clear();
    REQUIRE(lint_policy(policy).size() == 1);
    CHECK(lint_policy(policy).front().member == "roles.patient.timer_rationale");
}

}  // namespace

}  // namespace sallyport::policy
