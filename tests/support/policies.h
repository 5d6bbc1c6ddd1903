#pragma once
// The shipped policy where codes of an authenticator app are still enough, as in a demonstration:
// for tests whose subject is something else than the factor.

#include "domain/policy/policy.h"
#include "domain/policy/risk.h"

#include <chrono>
#include <cstddef>
#include <vector>

namespace sallyport::test {

// As a document, with its exceptions.
[[nodiscard]] inline policy::Policy policy_document_with_codes(Time now) {
    auto policy =
        policy::with_codes_accepted(policy::default_policy(), now + policy::exception_max);
    // Nor does it matter that their people sign in from outside of the zones that they name.
    std::erase_if(policy.context.rules, [](const policy::ContextRule& rule) {
        const auto remote = static_cast<std::size_t>(policy::ZoneKind::remote);
        return rule.outcome == policy::ContextOutcome::phishing_resistant && !rule.place &&
               rule.segments.test(remote);
    });
    return policy;
}

// As it demands at that time.
[[nodiscard]] inline policy::Policy policy_with_codes(Time now) {
    return policy::demanding_at(policy_document_with_codes(now), now);
}

}  // namespace sallyport::test
