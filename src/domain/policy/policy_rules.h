#pragma once
// What every policy must keep, whoever proposed and approved it. A policy that breaks one of these
// is not run under.

#include "base/core/result.h"
#include "domain/policy/policy.h"

namespace sallyport::policy {

// Refuses invalid, the detail naming role and member:
// "policy.timer": zero or negative, idle longer than absolute, or above its bound: absolute 4 h for
//   patients and 8 h for everybody else; idle 1 h for roles that can only look after themselves and
//   15 minutes for all others; step-up 5 minutes; visits 15 minutes and 4 h; grants 8 h.
// "policy.step_up_list": the list of sensitive actions lacks one that every policy must have
// (S0-52), or
//   names what can't ask for a fresh proof.
// "policy.separation": less than 7 days between issuing a factor and approving for its holder.
// "policy.role_incomplete": a name that is not a-z 0-9 _, an unknown scope, no job, can, cannot or
//   owner (S0-48).
// "policy.role_twice": two roles of one name.
// "policy.role_count": not 3 to 5 roles in a scope, or more without a written rationale (S0-06);
//   "policy.narrower_role", "policy.administrators": as role_set.h has them.
// "policy.role_too_weak": the lowest risk class, that is one factor, for anybody but patients.
// "policy.recovery_by_mail": recovery alone, by mail, for anybody but patients (S0-27, S1-29).
// "policy.authenticator_models": models of security keys are named, but not asked to be attested.
// "policy.exception": one that demands no less than the class it is an exception from.
// "policy.roles_combined": a role that holds what must be apart: asking for or using access with
//   approving it; managing users or secrets with approving grants; proposing policy with approving
//   it; an auditor or patient who can change something.
// "policy.zone": a zone whose name is not a-z 0-9 _ -, is taken or stands for something else, or
//   that has no network.
// "policy.timer_profile": one for a role that is not there, or a second for the same role and zone.
//   Its timers are bounded by the role's ("policy.timer"): a zone never lengthens a session.
// "policy.context": a rule about a role that is not there, or a system with two floors.
// "policy.locked_out": a permission without which nobody could mend it again is held by no role, or
//   the rules of the context refuse each of its holders in all circumstances.
[[nodiscard]] Result<void> check_policy(const Policy& policy);

}  // namespace sallyport::policy
