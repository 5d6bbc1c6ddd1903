#pragma once
// The only maker of proofs. Included by sign_in.cpp, sign_in_second_form.cpp, passkey_sign_in.cpp,
// push_sign_in.cpp, key_rebinding.cpp, step_up.cpp, badge_unlock.cpp and enrolment_finish.cpp, and
// by nobody else (a test reads the sources).

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
