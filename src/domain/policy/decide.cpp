#include "domain/policy/permit.h"

#include <algorithm>
#include <chrono>

namespace sallyport::policy {

namespace {

using namespace std::chrono_literals;

// A proof from the future is no proof: the clock was set back since. So much is forgiven between
// two nodes of one cluster.
constexpr auto clock_difference_max = 5s;

bool is_approval(Permission action) noexcept {
    return action == Permission::grant_approve || action == Permission::policy_approve;
}

bool is_about_oneself(Permission action) noexcept {
    return action == Permission::self_read || action == Permission::self_manage;
}

bool is_fresh(Time last_proof, Duration age_max, Time now) noexcept {
    const auto age = now - last_proof;
    return age <= age_max && age >= -clock_difference_max;
}

Result<void> check_proof(const Policy& policy, const Question& question, Time now) {
    const auto& subject = question.subject;
    const bool wants_fresh = question.needs_step_up || needs_step_up_always(question.action);
    if (subject.by_recovery_code) {
        const bool about_oneself = is_about_oneself(question.action);
        const bool counts = question.recovery_code_counts &&
                            is_fresh(subject.last_proof, recovery_code_age_max, now);
        if (about_oneself && (!wants_fresh || counts)) return {};
        return refuse(Refusal::step_up, "policy.recovery_code");
    }
    if (wants_fresh && !is_fresh(subject.last_proof, policy.step_up_age, now)) {
        return refuse(Refusal::step_up, "policy.step_up");
    }
    return {};
}

Result<void> check_role(const Policy& policy, const Question& question) {
    const auto& subject = question.subject;
    const auto* const role = policy.role(subject.role);
    if (role == nullptr || (role->scope != "both" && role->scope != subject.scope)) {
        return refuse(Refusal::denied, "policy.role_unknown");
    }
    const auto action = static_cast<std::size_t>(question.action);
    if (action >= permission_count || !role->permissions.test(action)) {
        return refuse(Refusal::denied, "policy.not_in_role");
    }
    if (subject.proven < role->strength) return refuse(Refusal::denied, "policy.too_weak");
    if (subject.limited && !is_about_oneself(question.action)) {
        return refuse(Refusal::denied, "policy.limited");
    }
    if (is_approval(question.action) && question.about == subject.account) {
        return refuse(Refusal::denied, "policy.own_request");
    }
    return {};
}

Result<void> check_grant(const Question& question, Time now) {
    if (!question.grant) return refuse(Refusal::denied, "grant.missing");
    const auto& grant = *question.grant;
    if (!grant.approved) return refuse(Refusal::denied, "grant.not_approved");
    if (grant.requester != question.subject.account) {
        return refuse(Refusal::denied, "grant.other_person");
    }
    if (question.device != grant.device) return refuse(Refusal::denied, "grant.other_device");
    if (now < grant.from) return refuse(Refusal::denied, "grant.not_yet");
    if (now >= grant.until) return refuse(Refusal::expired, "grant.over");
    return {};
}

}  // namespace

Permit::Permit(const Question& question, std::int64_t policy_version, Time ends_at, Time now)
    : session_(question.subject.session),
      root_session_(question.subject.root()),
      account_(question.subject.account),
      person_(question.subject.person),
      action_(question.action),
      device_(question.device),
      policy_version_(policy_version),
      ends_at_(ends_at),
      length_(ends_at - now) {
    if (question.grant) grant_ = question.grant->id;
}

Result<Permit> decide(const Policy& policy, const Question& question, Time now) {
    const auto& subject = question.subject;
    if (now >= subject.ends_at) return refuse(Refusal::unauthenticated, "session.ended");
    if (!question.clock_trustworthy) return refuse(Refusal::denied, "clock.behind");
    SP_CHECK(check_role(policy, question));

    Time ends_at = subject.ends_at;
    if (question.action == Permission::device_visit) {
        SP_CHECK(check_grant(question, now));
        const Time since = question.visit_since.value_or(now);
        ends_at = std::min({ends_at, question.grant->until, Time(since + policy.visit_max)});
        if (now >= ends_at) return refuse(Refusal::expired, "visit.over");
    }

    SP_CHECK(check_proof(policy, question, now));
    return Permit(question, policy.version, ends_at, now);
}

}  // namespace sallyport::policy
