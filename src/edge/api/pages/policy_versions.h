#pragma once
// The versions of the policy as people read them: what a proposal would change, in words, with the
// forms by which another person decides it, and the form by which one is proposed.

#include "base/core/result.h"
#include "domain/policy/policy_changes.h"
#include "domain/policy/policy_lint.h"
#include "domain/policy/policy_store.h"
#include "domain/session/session.h"
#include "edge/api/pages/html.h"

#include <string>
#include <string_view>
#include <vector>

namespace sallyport::api {

struct ShownVersion {
    policy::PolicyVersion version;
    std::string proposer;  // login names; empty: nobody, it came with the store
    std::string decider;
    // Of what is still undecided.
    std::vector<policy::PolicyChange> changes;
    std::vector<policy::PolicyWarning> warnings;
};

// `decides`: whoever looks at it may decide what others proposed.
[[nodiscard]] Html version_section(
    const ShownVersion& shown, const session::Session& session, bool decides
);

// `text` and `rationale` are what is in the fields: the policy in force, or what was sent and
// refused. `why`: the refusal, or null.
[[nodiscard]] Html proposal_form(
    std::string_view text,
    std::string_view rationale,
    const Refusal* why,
    const session::Session& session
);

}  // namespace sallyport::api
