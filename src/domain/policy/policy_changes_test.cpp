#include "domain/policy/policy_changes.h"

#include "domain/policy/policy_store.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <functional>

namespace sallyport::policy {

namespace {

using namespace std::chrono_literals;
using enum Permission;

RoleRules& role_of(Policy& policy, std::string_view name) {
    const auto found = std::ranges::find(policy.roles, name, &RoleRules::name);
    REQUIRE(found != policy.roles.end());
    return *found;
}

void set(PermissionSet& permissions, Permission permission, bool there) {
    permissions.set(static_cast<std::size_t>(permission), there);
}

StrengthException trial(Strength strength) {
    return {
        .strength = strength,
        .risk_item = "R-17",
        .reason = "The keys are on their way.",
        .accepted_by = "Lena Falk",
        .until = parse_time("2027-01-31T17:00:00Z").value(),
    };
}

using Edit = std::function<void(Policy&)>;

// The one change between the shipped policy and itself so edited.
PolicyChange only_change(const Edit& edit) {
    auto after = default_policy();
    edit(after);
    const auto changes = changes_between(default_policy(), after);
    REQUIRE(changes.size() == 1);
    return changes.front();
}

// Whether there and back: exactly one of the two asks for less.
void check_weaker_one_way(std::string_view what, const Edit& weaken, const Edit& prepare = {}) {
    CAPTURE(what);
    auto strict = default_policy();
    if (prepare) prepare(strict);
    auto weak = strict;
    weaken(weak);
    const auto is_marked = [](const Policy& from, const Policy& to) {
        const auto changes = changes_between(from, to);
        REQUIRE_FALSE(changes.empty());
        return std::ranges::any_of(changes, &PolicyChange::weaker);
    };
    CHECK(is_marked(strict, weak));
    CHECK_FALSE(is_marked(weak, strict));
}

TEST_CASE("a change of a policy is told in words: about what, which member, from what to what") {
    CHECK(changes_between(default_policy(), default_policy()).empty());
    CHECK(only_change([](Policy& policy) {
              role_of(policy, "engineer").idle = 10min;
          }) == PolicyChange{"role engineer", "idle time", "15 minutes", "10 minutes", false});
    CHECK(only_change([](Policy& policy) {
              set(role_of(policy, "approver").permissions, audit_read, true);
          }) == PolicyChange{"role approver", "permission audit.read", "no", "yes", true});
    CHECK(only_change([](Policy& policy) {
              set(policy.step_up, recording_read, true);
          }) == PolicyChange{"the policy", "a fresh proof for recording.read", "no", "yes", false});
    const auto risk =
        only_change([](Policy& policy) { role_of(policy, "clinician").risk = Risk::high; });
    CHECK(risk.what == "risk class");
    CHECK(risk.from.starts_with("medium: "));
    CHECK(risk.from.ends_with("they show two factors, such as a passphrase and the code of an app")
    );
    CHECK(risk.to.starts_with("high: "));
    CHECK_FALSE(risk.weaker);
    const auto rule = only_change([](Policy& policy) { policy.context.rules.pop_back(); });
    CHECK(rule.about == "the context");
    CHECK(rule.from.contains("in consult rooms or in wards must show a key or card"));
    CHECK(rule.to == "none");
}

TEST_CASE("S0-50 (part): an exception is told with what is enough, until when, and whose it is") {
    const auto change = only_change([](Policy& policy) {
        role_of(policy, "engineer").exception = trial(Strength::two_factors);
    });
    CHECK(change.about == "role engineer");
    CHECK(change.what == "exception");
    CHECK(change.from == "none");
    CHECK(
        change.to ==
        "until 2027-01-31T17:00:00.000Z, two factors, such as a passphrase and the code of an app "
        "are enough; risk item R-17, accepted by Lena Falk: The keys are on their way."
    );
    CHECK(change.weaker);
}

TEST_CASE("what asks less of somebody, or lets them do more or for longer, is marked as weaker") {
    const auto engineer = [](Policy& policy) -> RoleRules& { return role_of(policy, "engineer"); };
    check_weaker_one_way("risk", [&](Policy& policy) { engineer(policy).risk = Risk::medium; });
    check_weaker_one_way("exception", [&](Policy& policy) {
        engineer(policy).exception = trial(Strength::two_factors);
    });
    const auto on_trial = [&](Policy& policy) {
        engineer(policy).exception = trial(Strength::two_factors);
    };
    check_weaker_one_way(
        "exception's end",
        [&](Policy& policy) { engineer(policy).exception->until += 24h; },
        on_trial
    );
    check_weaker_one_way(
        "exception's strength",
        [&](Policy& policy) { engineer(policy).exception->strength = Strength::one_factor; },
        on_trial
    );
    check_weaker_one_way("permission", [&](Policy& policy) {
        set(engineer(policy).permissions, grant_read, true);
    });
    check_weaker_one_way("scope", [&](Policy& policy) { engineer(policy).scope = "both"; });
    check_weaker_one_way("idle", [&](Policy& policy) { engineer(policy).idle += 1s; });
    check_weaker_one_way("absolute", [&](Policy& policy) { engineer(policy).absolute += 1s; });
    const auto clinician = [](Policy& policy) -> RoleRules& {
        return role_of(policy, "clinician");
    };
    check_weaker_one_way("unlock, longer", [&](Policy& policy) { clinician(policy).unlock += 1s; });
    check_weaker_one_way(
        "unlock, at all",
        [&](Policy& policy) { clinician(policy).unlock = 1h; },
        [&](Policy& policy) { clinician(policy).unlock = 0s; }
    );
    check_weaker_one_way("recovery by mail", [&](Policy& policy) {
        engineer(policy).recovery_by_mail = true;
    });
    check_weaker_one_way(
        "attestation",
        [&](Policy& policy) { engineer(policy).keys = {}; },
        [&](Policy& policy) { engineer(policy).keys.attested = true; }
    );
    const std::string one = "08987058-cadc-4b81-b6e1-30de50dcbe96";
    const std::string other = "2fc0579f-8113-47ea-b116-bb5a8db9202a";
    check_weaker_one_way(
        "models",
        [&](Policy& policy) { engineer(policy).keys.models.insert(other); },
        [&](Policy& policy) { engineer(policy).keys = {.attested = true, .models = {one}}; }
    );
    check_weaker_one_way(
        "user verification",
        [&](Policy& policy) { engineer(policy).keys = {}; },
        [&](Policy& policy) {
            engineer(policy).keys.user_verification = KeyUserVerification::always;
        }
    );
    check_weaker_one_way("step-up", [](Policy& policy) { policy.step_up_age += 1s; });
    check_weaker_one_way("step-up list", [](Policy& policy) {
        set(policy.step_up, user_manage, false);
    });
    check_weaker_one_way("visit", [](Policy& policy) { policy.visit_max += 1s; });
    check_weaker_one_way("visit idle", [](Policy& policy) { policy.visit_idle += 1s; });
    check_weaker_one_way("grant", [](Policy& policy) { policy.grant_max += 1s; });
    check_weaker_one_way("separation", [](Policy& policy) { policy.separation -= 1h; });
    const auto for_all = [](Policy& policy) {
        policy.two_factors_for_all_from = parse_time("2027-01-31T17:00:00Z").value();
    };
    check_weaker_one_way(
        "two for all", [](Policy& policy) { policy.two_factors_for_all_from.reset(); }, for_all
    );
    check_weaker_one_way(
        "two for all, later",
        [](Policy& policy) { *policy.two_factors_for_all_from += 24h; },
        for_all
    );
    check_weaker_one_way("profile", [](Policy& policy) { policy.timer_profiles.pop_back(); });
    check_weaker_one_way("profile's time", [](Policy& policy) {
        policy.timer_profiles.back().idle += 1min;
    });
    check_weaker_one_way("rule", [](Policy& policy) { policy.context.rules.pop_back(); });
    check_weaker_one_way("rule's outcome", [](Policy& policy) {
        policy.context.rules.front().outcome = ContextOutcome::step_up;
    });
    check_weaker_one_way("rule's roles", [](Policy& policy) {
        policy.context.rules.back().roles.pop_back();
    });
    const auto at_home = [](Policy& policy) { policy.context.home_countries = {"DE"}; };
    check_weaker_one_way(
        "home", [](Policy& policy) { policy.context.home_countries.emplace_back("AT"); }, at_home
    );
    check_weaker_one_way(
        "no home", [](Policy& policy) { policy.context.home_countries.clear(); }, at_home
    );
    const auto with_floor = [](Policy& policy) {
        policy.context.os_floors = {{"windows", "10.0.22631"}};
    };
    check_weaker_one_way(
        "floor", [](Policy& policy) { policy.context.os_floors[0].version = "10.0.9"; }, with_floor
    );
}

TEST_CASE("what lets an unknown device or place become a known one is marked as weaker") {
    const auto is_marked = [](const Policy& from, const Policy& to) {
        return std::ranges::any_of(changes_between(from, to), &PolicyChange::weaker);
    };
    const auto none = default_policy();
    auto with_floor = none;
    with_floor.context.os_floors = {{"windows", "1"}};
    CHECK(is_marked(none, with_floor));
    CHECK(is_marked(with_floor, none));

    auto at_home = none;
    at_home.context.home_countries = {"DE"};
    CHECK_FALSE(is_marked(none, at_home));
    auto asking = none;
    asking.context.rules.push_back(asking.context.rules.front());
    asking.context.rules.back().place = Place::unknown;
    auto asking_at_home = asking;
    asking_at_home.context.home_countries = {"DE"};
    CHECK(is_marked(asking, asking_at_home));
}

TEST_CASE("a zone that takes people out of remote is marked as weaker, and the last that goes") {
    const auto network = [](const char* text) { return IpNetwork::parse(text).value(); };
    const auto ward = [&](Policy& policy) {
        policy.zones = {{"ward-3", ZoneKind::ward, {network("10.3.0.0/16")}}};
    };
    check_weaker_one_way(
        "network",
        [&](Policy& policy) { policy.zones[0].networks.push_back(network("10.4.0.0/16")); },
        ward
    );
    check_weaker_one_way(
        "another zone",
        [&](Policy& policy) {
            policy.zones.push_back({"ward-4", ZoneKind::ward, {network("10.4.0.0/16")}});
        },
        ward
    );
    check_weaker_one_way("the last", [](Policy& policy) { policy.zones.clear(); }, ward);
    check_weaker_one_way(
        "kind",
        [](Policy& policy) { policy.zones[0].kind = ZoneKind::ward; },
        [&](Policy& policy) {
            ward(policy);
            policy.zones[0].kind = ZoneKind::remote;
        }
    );
}

TEST_CASE("a stricter rule in the place of another is not weaker; nor is a new role, or one gone") {
    auto stricter = default_policy();
    stricter.context.rules.front().outcome = ContextOutcome::deny;
    stricter.context.rules.back().roles.clear();
    for (const auto& change : changes_between(default_policy(), stricter)) {
        CHECK_FALSE(change.weaker);
    }
    auto more = default_policy();
    auto student = *more.role("clinician");
    student.name = "student";
    more.roles.push_back(student);
    for (const auto& [from, to] : {std::pair(default_policy(), more), {more, default_policy()}}) {
        const auto changes = changes_between(from, to);
        CHECK(changes.size() > 10);
        for (const auto& change : changes) {
            CHECK(change.about == "role student");
            CHECK_FALSE(change.weaker);
        }
    }
}

TEST_CASE("whatever the diff that is kept says has its words") {
    auto after = default_policy();
    after.notice_version = "2";
    after.role_count_rationale = "a sixth role while two departments are joined";
    after.visit_idle = 10min;
    role_of(after, "patient").owner = "somebody else";
    role_of(after, "patient").timer_rationale = "shorter than before, for a while";
    const auto diff = diff_of(default_policy(), after);
    CHECK(
        static_cast<std::size_t>(std::ranges::count(diff, '\n')) ==
        changes_between(default_policy(), after).size()
    );
}

}  // namespace

}  // namespace sallyport::policy
