#include "tests/support/clocks.h"
#include "tests/support/policies.h"

#include "domain/policy/current_policy.h"
#include "domain/policy/permit.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cstdlib>
#include <new>

namespace {

// Counts what this thread allocates, to hold decide() to its word.
thread_local std::size_t allocations = 0;

}  // namespace

// Sanitizers bring their own; there is nothing to count then.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SP_ALLOCATIONS_NOT_COUNTED
#endif
#endif

#ifndef SP_ALLOCATIONS_NOT_COUNTED
void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc();
}

void operator delete(void* memory) noexcept {
    std::free(memory);
}

void operator delete(void* memory, std::size_t /*size*/) noexcept {
    std::free(memory);
}
#endif

namespace sallyport::policy {

namespace {

using namespace std::chrono_literals;
using enum Permission;

const Time noon = from_micros(1'795'348'800'000'000);

class Facts {
public:
    explicit Facts(std::string_view role = "engineer") {
        const auto* const rules = policy.role(role);
        REQUIRE(rules != nullptr);
        subject.role = rules->name;
        subject.scope = rules->scope;
    }

    [[nodiscard]] GrantFacts grant() const {
        return {
            .id = GrantId::from_bytes(IdBytes{std::byte{9}}),
            .requester = subject.account,
            .device = device,
            .approved = true,
            .from = noon - 1h,
            .until = noon + 1h,
        };
    }

    [[nodiscard]] Question visit() const {
        return {
            .subject = subject,
            .action = device_visit,
            .device = device,
            .about = std::nullopt,
            .grant = grant(),
        };
    }

    [[nodiscard]] Question about(Permission action) const {
        return {
            .subject = subject,
            .action = action,
            .device = std::nullopt,
            .about = std::nullopt,
            .grant = std::nullopt,
        };
    }

    Policy policy = test::policy_with_codes(test::SettableClock().now());
    DeviceId device = DeviceId::from_bytes(IdBytes{std::byte{5}});
    Subject subject{
        .session = SessionId::from_bytes(IdBytes{std::byte{1}}),
        .account = AccountId::from_bytes(IdBytes{std::byte{2}}),
        .person = PersonId::from_bytes(IdBytes{std::byte{3}}),
        .role = {},
        .scope = {},
        .proven = Strength::two_factors,
        .last_proof = noon,
        .ends_at = noon + 8h,
    };
};

std::string_view reason_of(const Policy& policy, const Question& question, Time now = noon) {
    const auto answer = decide(policy, question, now);
    return answer ? "yes" : answer.error().reason;
}

TEST_CASE("a Permit names subject, session, action, device, grant, policy version and end") {
    const Facts facts;

    const auto permit = decide(facts.policy, facts.visit(), noon);

    REQUIRE(permit.has_value());
    CHECK(permit->session() == facts.subject.session);
    CHECK(permit->account() == facts.subject.account);
    CHECK(permit->person() == facts.subject.person);
    CHECK(permit->action() == device_visit);
    CHECK(permit->device() == facts.device);
    CHECK(permit->grant() == facts.grant().id);
    CHECK(permit->policy_version() == 1);
    CHECK(permit->ends_at() == noon + 1h);
    CHECK(permit->length() == 1h);
    static_assert(!std::is_copy_constructible_v<Permit> && !std::is_default_constructible_v<Permit>);
}

TEST_CASE("deny by default: a role has what the policy gives it, and nothing else") {
    for (const auto& role : default_policy().roles) {
        for (std::size_t i = 0; i < permission_count; ++i) {
            const auto action = static_cast<Permission>(i);
            if (action == device_visit) continue;
            CAPTURE(role.name);
            CAPTURE(to_text(action));
            const Facts facts(role.name);
            const auto* const expected = role.permissions.test(i) ? "yes" : "policy.not_in_role";
            CHECK(reason_of(facts.policy, facts.about(action)) == expected);
        }
    }
}

TEST_CASE("S0-07: the shipped roles keep apart who asks, who approves and who administers") {
    CHECK(
        reason_of(Facts("engineer").policy, Facts("engineer").about(grant_approve)) ==
        "policy.not_in_role"
    );
    CHECK(
        reason_of(Facts("approver").policy, Facts("approver").about(grant_request)) ==
        "policy.not_in_role"
    );
    CHECK(reason_of(Facts("approver").policy, Facts("approver").visit()) == "policy.not_in_role");
    CHECK(
        reason_of(Facts("gateway_administrator").policy, Facts("gateway_administrator").visit()) ==
        "policy.not_in_role"
    );
    CHECK(
        reason_of(
            Facts("security_officer").policy, Facts("security_officer").about(policy_approve)
        ) == "policy.not_in_role"
    );
}

TEST_CASE("a role that the policy does not have, or has in another scope, has nothing") {
    Facts facts;
    facts.subject.role = "janitor";
    CHECK(reason_of(facts.policy, facts.about(self_read)) == "policy.role_unknown");
    facts.subject.role = "";
    CHECK(reason_of(facts.policy, facts.about(self_read)) == "policy.role_unknown");

    facts.subject.role = "engineer";
    facts.subject.scope = "clinical";
    CHECK(reason_of(facts.policy, facts.about(self_read)) == "policy.role_unknown");
}

TEST_CASE("an action that is no permission is refused") {
    const Facts facts;
    CHECK(reason_of(facts.policy, facts.about(Permission::count_)) == "policy.not_in_role");
    CHECK(
        reason_of(facts.policy, facts.about(static_cast<Permission>(200))) == "policy.not_in_role"
    );
}

TEST_CASE("one factor is too weak for whoever's role asks for two") {
    Facts facts;
    facts.subject.proven = Strength::one_factor;
    CHECK(reason_of(facts.policy, facts.about(self_read)) == "policy.too_weak");

    Facts patient("patient");
    patient.subject.proven = Strength::one_factor;
    CHECK(reason_of(patient.policy, patient.about(self_read)) == "yes");
}

TEST_CASE("a session that has ended is asked nothing, from the second on that its end names") {
    const Facts facts;
    CHECK(reason_of(facts.policy, facts.visit(), noon + 8h) == "session.ended");
    CHECK(reason_of(facts.policy, facts.about(self_read), noon + 8h - 1us) == "yes");
    CHECK(reason_of(facts.policy, facts.about(self_read), noon + 8h) == "session.ended");
}

TEST_CASE("a clock that is behind begins nothing") {
    const Facts facts;
    auto question = facts.about(self_read);
    question.clock_trustworthy = false;
    CHECK(reason_of(facts.policy, question) == "clock.behind");
}

TEST_CASE("S0-37: managing users needs a proof of the last 5 minutes, whatever the route says") {
    Facts facts("gateway_administrator");
    auto question = facts.about(user_manage);
    REQUIRE_FALSE(question.needs_step_up);

    CHECK(reason_of(facts.policy, question, noon + 5min) == "yes");
    CHECK(reason_of(facts.policy, question, noon + 5min + 1us) == "policy.step_up");

    const auto stale = decide(facts.policy, question, noon + 6min);
    REQUIRE_FALSE(stale.has_value());
    CHECK(stale.error().kind == Refusal::step_up);

    facts.subject.last_proof = noon + 6min;
    CHECK(reason_of(facts.policy, question, noon + 6min) == "yes");
}

TEST_CASE("S0-58: every privileged action of every role that has it asks for step-up when stale") {
    int asked = 0;
    for (const auto& role : default_policy().roles) {
        for (const auto action :
             {user_manage,
              session_end,
              device_manage,
              vault_manage,
              grant_approve,
              policy_propose,
              policy_approve,
              key_manage,
              backup_make}) {
            if (!role.permissions.test(static_cast<std::size_t>(action))) continue;
            CAPTURE(role.name);
            CAPTURE(to_text(action));
            const Facts facts(role.name);
            CHECK(reason_of(facts.policy, facts.about(action), noon + 301s) == "policy.step_up");
            ++asked;
        }
    }
    CHECK(asked == 13);
}

TEST_CASE("S0-78: creating users, changing roles and exporting data ask for step-up when stale") {
    const Facts administrator("clinical_administrator");
    CHECK(
        reason_of(administrator.policy, administrator.about(user_manage), noon + 301s) ==
        "policy.step_up"
    );
    for (const auto* role : {"auditor", "security_officer"}) {
        const Facts facts(role);
        for (const auto action : {audit_export, recording_export}) {
            CHECK(reason_of(facts.policy, facts.about(action), noon + 300s) == "yes");
            CHECK(reason_of(facts.policy, facts.about(action), noon + 301s) == "policy.step_up");
        }
    }
}

TEST_CASE("a route may ask for step-up where the action alone would not") {
    const Facts facts;
    auto question = facts.about(grant_request);
    CHECK(reason_of(facts.policy, question, noon + 1h) == "yes");
    question.needs_step_up = true;
    CHECK(reason_of(facts.policy, question, noon + 1h) == "policy.step_up");
}

TEST_CASE("S1-39 (part): who signed in with a recovery code looks after their account and no more"
) {
    Facts facts;
    facts.subject.by_recovery_code = true;
    facts.subject.last_proof = noon;
    const auto why = [&](const Question& question, Time now = noon) {
        const auto decided = decide(facts.policy, question, now);
        return decided ? std::string("yes") : std::string(decided.error().reason);
    };
    CHECK(why(facts.about(self_read)) == "yes");
    CHECK(why(facts.about(self_manage)) == "yes");
    CHECK(why(facts.about(device_read)) == "policy.recovery_code");
    CHECK(why(facts.about(grant_request)) == "policy.recovery_code");
    CHECK(why(facts.visit()) == "policy.recovery_code");
    auto change = facts.about(self_manage);
    change.needs_step_up = true;
    CHECK(why(change) == "policy.recovery_code");
    // What binds an authenticator, for a while.
    change.recovery_code_counts = true;
    CHECK(why(change, noon + 15min) == "yes");
    CHECK(why(change, noon + 15min + 1us) == "policy.recovery_code");
    // What the role does not allow is refused as that.
    CHECK(why(facts.about(user_manage)) == "policy.not_in_role");
}

TEST_CASE("a proof from the future is no fresh proof") {
    Facts facts("gateway_administrator");
    facts.subject.last_proof = noon + 1min;
    CHECK(reason_of(facts.policy, facts.about(user_manage)) == "policy.step_up");
    facts.subject.last_proof = noon + 5s;
    CHECK(reason_of(facts.policy, facts.about(user_manage)) == "yes");
}

TEST_CASE("nobody approves for themselves") {
    const Facts facts("approver");
    for (const auto action : {grant_approve, policy_approve}) {
        auto question = facts.about(action);
        question.about = facts.subject.account;
        CHECK(reason_of(facts.policy, question) == "policy.own_request");
        question.about = AccountId::from_bytes(IdBytes{std::byte{99}});
        CHECK(reason_of(facts.policy, question) == "yes");
    }
}

TEST_CASE("L-02: no visit without an approved grant of one's own, for that device, open now") {
    const Facts facts;
    const auto with = [&](auto change) {
        auto question = facts.visit();
        change(question);
        return reason_of(facts.policy, question);
    };

    CHECK(with([](auto&) {}) == "yes");
    CHECK(with([](auto& q) { q.grant.reset(); }) == "grant.missing");
    CHECK(with([](auto& q) { q.grant->approved = false; }) == "grant.not_approved");
    CHECK(with([](auto& q) {
              q.grant->requester = AccountId::from_bytes(IdBytes{std::byte{77}});
          }) == "grant.other_person");
    CHECK(with([](auto& q) {
              q.device = DeviceId::from_bytes(IdBytes{std::byte{6}});
          }) == "grant.other_device");
    CHECK(with([](auto& q) { q.device.reset(); }) == "grant.other_device");
    CHECK(with([](auto& q) { q.grant->from = noon + 1us; }) == "grant.not_yet");
    CHECK(with([](auto& q) { q.grant->from = noon; }) == "yes");
    CHECK(with([](auto& q) { q.grant->until = noon; }) == "grant.over");
    CHECK(with([](auto& q) { q.grant->until = noon + 1us; }) == "yes");
}

TEST_CASE("a visit ends with its grant, its session or after 4 hours, whichever is first") {
    Facts facts;
    auto question = facts.visit();
    CHECK(decide(facts.policy, question, noon).value().ends_at() == noon + 1h);

    question.grant->until = noon + 10h;
    CHECK(decide(facts.policy, question, noon).value().ends_at() == noon + 4h);

    facts.subject.ends_at = noon + 30min;
    CHECK(decide(facts.policy, question, noon).value().ends_at() == noon + 30min);
}

TEST_CASE("a visit that runs already is given its longest time from when it began") {
    Facts facts;
    auto question = facts.visit();
    question.grant->until = noon + 10h;
    question.visit_since = noon;
    const auto later = noon + 3h;
    CHECK(decide(facts.policy, question, later).value().ends_at() == noon + 4h);
    CHECK(decide(facts.policy, question, later).value().length() == 1h);

    facts.policy.visit_max = 3h + 1s;
    CHECK(decide(facts.policy, question, later).value().ends_at() == noon + 3h + 1s);
    facts.policy.visit_max = 3h;
    CHECK(reason_of(facts.policy, question, later) == "visit.over");
    CHECK(reason_of(facts.policy, question, later - 1us) == "yes");
}

TEST_CASE("a Permit names the sign-in that a device host's session was handed on from") {
    Facts facts;
    CHECK(decide(facts.policy, facts.visit(), noon)->root_session() == facts.subject.session);

    facts.subject.parent = SessionId::from_bytes(IdBytes{std::byte{8}});
    const auto permit = decide(facts.policy, facts.visit(), noon);
    REQUIRE(permit.has_value());
    CHECK(permit->session() == facts.subject.session);
    CHECK(permit->root_session() == *facts.subject.parent);
}

TEST_CASE("of two policies applied one after the other the later stays, whichever comes last") {
    auto with_version = [](std::int64_t version) {
        auto policy = default_policy();
        policy.version = version;
        return std::make_shared<const Policy>(std::move(policy));
    };
    test::SettableClock clock;
    CurrentPolicy current(with_version(1), clock);
    current.set(with_version(3));
    current.set(with_version(2));
    CHECK(current.get()->version == 3);
    current.set(with_version(4));
    CHECK(current.get()->version == 4);
}

TEST_CASE("saying yes allocates nothing") {
    const Facts facts;
    const auto question = facts.visit();

    const auto before = allocations;
    bool yes = true;
    for (int i = 0; i < 100; ++i) {
        yes = yes && decide(facts.policy, question, noon).has_value();
    }
    const auto after = allocations;

    CHECK(yes);
    CHECK(after == before);
}

TEST_CASE("whatever the facts, a yes for a visit keeps every one of its conditions") {
    const bool held = rc::check([] {
        Facts facts;
        const auto offset = [] { return std::chrono::minutes(*rc::gen::inRange(-600, 600)); };
        facts.subject.ends_at = noon + offset();
        facts.subject.proven = *rc::gen::element(Strength::one_factor, Strength::two_factors);
        auto question = facts.visit();
        question.grant->from = noon + offset();
        question.grant->until = noon + offset();
        question.grant->approved = *rc::gen::arbitrary<bool>();
        question.clock_trustworthy = *rc::gen::arbitrary<bool>();
        const auto now = noon + offset();

        const auto permit = decide(facts.policy, question, now);

        if (!permit) return;
        RC_ASSERT(question.grant->approved);
        RC_ASSERT(question.clock_trustworthy);
        RC_ASSERT(facts.subject.proven == Strength::two_factors);
        RC_ASSERT(question.grant->from <= now);
        RC_ASSERT(now < permit->ends_at());
        RC_ASSERT(permit->ends_at() <= question.grant->until);
        RC_ASSERT(permit->ends_at() <= facts.subject.ends_at);
        RC_ASSERT(permit->ends_at() <= now + 4h);
    });
    CHECK(held);
}

}  // namespace

}  // namespace sallyport::policy
