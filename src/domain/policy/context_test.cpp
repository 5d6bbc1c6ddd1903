#include "domain/policy/context.h"

#include "tests/support/decision_table.h"

#include "domain/audit/event.h"
#include "domain/policy/permit.h"
#include "domain/policy/policy.h"
#include "domain/policy/policy_store.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck.h>

#include <set>
#include <string>

namespace sallyport::policy {

namespace {

using namespace std::chrono_literals;

constexpr std::array<Posture, 3> postures{
    Posture::compliant, Posture::unknown, Posture::not_compliant
};
constexpr std::array<Place, 3> places{Place::home, Place::abroad, Place::unknown};

Segment in_zone(std::string_view name) {
    Segment segment;
    if (const auto kind = zone_kind(name)) segment.kinds.set(static_cast<std::size_t>(*kind));
    return segment;
}

ContextRule any_rule() {
    ContextRule rule;
    if (*rc::gen::arbitrary<bool>()) rule.posture = *rc::gen::elementOf(postures);
    if (*rc::gen::arbitrary<bool>()) rule.place = *rc::gen::elementOf(places);
    rule.segments = *rc::gen::inRange(0ULL, 32ULL);
    rule.outcome = static_cast<ContextOutcome>(*rc::gen::inRange(1, 5));
    rule.rationale = "whatever it may be";
    return rule;
}

ContextFacts any_facts() {
    ContextFacts facts;
    facts.posture = *rc::gen::elementOf(postures);
    facts.place = *rc::gen::elementOf(places);
    facts.segment.kinds = *rc::gen::inRange(0ULL, 32ULL);
    return facts;
}

Refusal refusal_of(const std::function<void(nlohmann::json&)>& change) {
    auto document = nlohmann::json::parse(to_json(default_policy()));
    change(document["context"]);
    const auto parsed = parse_policy(document.dump());
    REQUIRE_FALSE(parsed.has_value());
    return parsed.error();
}

TEST_CASE("S1-79 (part): the shipped rules decide every row of the approved table as it says") {
    const auto policy = default_policy();
    const auto table = test::approved_decisions();
    REQUIRE(table.segments.size() == zone_kind_count + 1);
    std::set<std::string> seen;
    for (const auto& row : table.rows) {
        const auto* const role = policy.role(row.role);
        REQUIRE(role != nullptr);
        REQUIRE(row.outcomes.size() == table.segments.size());
        for (std::size_t i = 0; i < table.segments.size(); ++i) {
            const ContextFacts facts{
                .posture = posture(row.posture).value(),
                .place = place(row.place).value(),
                .segment = in_zone(table.segments[i]),
            };
            const auto decision = decide_context(policy, *role, facts);
            CAPTURE(row.role);
            CAPTURE(row.posture);
            CAPTURE(row.place);
            CAPTURE(table.segments[i]);
            CHECK(to_text(decision.outcome) == row.outcomes[i]);
            // Never below the role's floor.
            CHECK(decision.strength >= role->strength);
            CHECK(
                (decision.outcome != ContextOutcome::phishing_resistant ||
                 decision.strength == Strength::phishing_resistant)
            );
            seen.insert(row.role + row.posture + row.place + table.segments[i]);
        }
    }
    // Whole: every role, posture, place and segment is in it, once.
    CHECK(seen.size() == policy.roles.size() * 3 * 3 * (zone_kind_count + 1));
    CHECK(table.rows.size() == policy.roles.size() * 3 * 3);
}

TEST_CASE("S1-79 (part): whatever the rules say, the context asks for no less than the role") {
    const bool held = rc::check([] {
        auto policy = default_policy();
        policy.context.rules.clear();
        for (int i = *rc::gen::inRange(0, 6); i > 0; --i) {
            policy.context.rules.push_back(any_rule());
        }
        const auto facts = any_facts();
        const auto raised = raised_by_context(policy, facts);
        for (const auto& role : policy.roles) {
            const auto before = decide_context(policy, role, facts);
            RC_ASSERT(before.strength >= role.strength);
            RC_ASSERT(raised.role(role.name)->strength == before.strength);
            // One rule more takes nothing away.
            auto more = policy;
            more.context.rules.push_back(any_rule());
            const auto after = decide_context(more, role, facts);
            RC_ASSERT(after.outcome >= before.outcome);
            RC_ASSERT(after.strength >= before.strength);
            RC_ASSERT(after.limited || !before.limited);
        }
    });
    CHECK(held);
}

TEST_CASE("in overlapping zones a rule for either of them counts") {
    const auto policy = default_policy();
    auto segment = in_zone("ward");
    segment.kinds |= in_zone("admin").kinds;
    const ContextFacts facts{
        .posture = Posture::compliant, .place = Place::home, .segment = segment
    };
    const auto& role = *policy.role("gateway_administrator");
    CHECK(decide_context(policy, role, facts).strength == Strength::phishing_resistant);
}

TEST_CASE("a place is abroad only if the policy says where home is") {
    auto policy = default_policy();
    const Time now = from_micros(1'795'348'800'000'000);
    const auto place_in = [&](const std::string& country) {
        audit::Where where{.source = "192.0.2.7", .channel = "web"};
        where.country = country;
        return context_facts(policy, where, std::nullopt, now).place;
    };
    CHECK(place_in("FR") == Place::unknown);
    policy.context.home_countries = {"DE", "AT"};
    CHECK(place_in("FR") == Place::abroad);
    CHECK(place_in("AT") == Place::home);
    CHECK(place_in("") == Place::unknown);
}

TEST_CASE("S1-79 (part): a limited session looks after its own account and opens nothing else") {
    const auto policy = default_policy();
    const Time now = from_micros(1'795'348'800'000'000);
    for (const auto& role : policy.roles) {
        const Subject subject{
            .session = SessionId::parse("01a20246-bcc0-7000-814f-90bb470be01b").value(),
            .account = AccountId::parse("01a20246-bcc0-7000-814f-90bb470be01c").value(),
            .person = PersonId::parse("01a20246-bcc0-7000-814f-90bb470be01d").value(),
            .role = role.name,
            .scope = role.scope == "both" ? std::string_view("gateway") : role.scope,
            .proven = Strength::phishing_resistant,
            .last_proof = now,
            .ends_at = now + 1h,
            .parent = std::nullopt,
            .limited = true,
        };
        for (std::size_t i = 0; i < permission_count; ++i) {
            const auto action = static_cast<Permission>(i);
            if (!role.permissions.test(i)) continue;
            CAPTURE(to_text(action));
            const Question question{
                .subject = subject,
                .action = action,
                .needs_step_up = false,
                .device = std::nullopt,
                .about = std::nullopt,
                .grant = std::nullopt,
            };
            const auto decided = decide(policy, question, now);
            const bool own = action == Permission::self_read || action == Permission::self_manage;
            CHECK(decided.has_value() == own);
            if (!decided) CHECK(decided.error().reason == "policy.limited");
        }
    }
}

TEST_CASE("the rules of the context go through JSON and back, and what is wrong is refused") {
    auto policy = default_policy();
    policy.context.home_countries = {"DE"};
    policy.context.os_floors = {{"windows", "10.0.19045"}};
    const auto parsed = parse_policy(to_json(policy));
    REQUIRE(parsed.has_value());
    CHECK(to_json(*parsed) == to_json(policy));
    CHECK(diff_of(policy, *parsed).empty());
    CHECK(diff_of(default_policy(), policy).find("context.home_countries") != std::string::npos);
    auto fewer = policy;
    fewer.context.rules.pop_back();
    CHECK(diff_of(policy, fewer).find("-> (gone)") != std::string::npos);

    CHECK(refusal_of([](auto& context) { context["rules"][0]["outcome"] = "allow"; }
    ).detail.starts_with("context.rules[0].outcome"));
    CHECK(refusal_of([](auto& context) {
              context["rules"][0].erase("rationale");
          }).detail == "context.rules[0].rationale: is missing");
    CHECK(refusal_of([](auto& context) { context["home_countries"] = {"Germany"}; }
    ).detail.starts_with("context.home_countries"));
    CHECK(refusal_of([](auto& context) {
              context["os_floors"] = {{{"os", "windows"}, {"version", "eleven"}}};
          }).detail.starts_with("context.os_floors[0].version"));
    CHECK(refusal_of([](auto& context) {
              context["rules"][1]["roles"] = {"janitor"};
          }).reason == "policy.context");
    CHECK(refusal_of([](auto& context) {
              const nlohmann::json floor{{"os", "windows"}, {"version", "10"}};
              context["os_floors"] = {floor, floor};
          }).reason == "policy.context");
}

TEST_CASE("rules that would let nobody in who can mend them are refused") {
    CHECK(refusal_of([](auto& context) {
              context["rules"] = {{{"outcome", "deny"}, {"rationale", "nobody at all comes in"}}};
          }).reason == "policy.locked_out");
    CHECK(refusal_of([](auto& context) {
              context["rules"] = {
                  {{"outcome", "limited"},
                   {"roles", {"security_officer"}},
                   {"rationale", "officers do nothing"}}
              };
          }).reason == "policy.locked_out");
}

}  // namespace

}  // namespace sallyport::policy
