#pragma once
// The shipped policy where codes of an authenticator app are still enough, as in a demonstration:
// for tests whose subject is something else than the factor.

#include "domain/policy/policy.h"
#include "domain/policy/risk.h"

#include <chrono>

namespace sallyport::test {

// As a document, with its exceptions.
[[nodiscard]] inline policy::Policy policy_document_with_codes(Time now) {
    return policy::with_codes_accepted(policy::default_policy(), now + policy::exception_max);
}

// As it demands at that time.
[[nodiscard]] inline policy::Policy policy_with_codes(Time now) {
    return policy::demanding_at(policy_document_with_codes(now), now);
}

}  // namespace sallyport::test
