#pragma once
// The only maker of proofs. Included by the ends of sign-in, step-up, enrolment and recovery, and
// by nobody else (a test reads the sources, and lists them).

#include "domain/authn/authentication_proof.h"

#include <utility>

namespace sallyport::authn {

class ProofMaker {
public:
    [[nodiscard]] static AuthenticationProof make(
        const AccountId& account, policy::Strength strength, audit::Factor factor, Time at
    ) {
        return {account, strength, std::move(factor), at};
    }
};

}  // namespace sallyport::authn
