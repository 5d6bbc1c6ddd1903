#pragma once
// Proof that somebody proved who they are. session::open and session::renew_proof take one, and
// only the sign-in and step-up flows of this room can make one (architecture, law 2).

#include "base/core/id.h"
#include "base/core/time.h"
#include "domain/audit/event.h"
#include "domain/policy/policy.h"

#include <vector>

namespace sallyport::authn {

class AuthenticationProof {
public:
    AuthenticationProof(AuthenticationProof&&) noexcept = default;
    AuthenticationProof& operator=(AuthenticationProof&&) noexcept = default;
    AuthenticationProof(const AuthenticationProof&) = delete;
    AuthenticationProof& operator=(const AuthenticationProof&) = delete;
    ~AuthenticationProof() = default;

    [[nodiscard]] const AccountId& account() const noexcept { return account_; }

    [[nodiscard]] policy::Strength strength() const noexcept { return strength_; }

    // Factors as the audit log tells them, e.g. amr "pwd+otp".
    [[nodiscard]] const audit::Factor& factor() const noexcept { return factor_; }

    [[nodiscard]] Time at() const noexcept { return at_; }

private:
    friend class ProofMaker;  // proof_maker.h names who includes it

    AuthenticationProof(AccountId account, policy::Strength strength, audit::Factor factor, Time at)
        : account_(account), strength_(strength), factor_(std::move(factor)), at_(at) {}

    AccountId account_;
    policy::Strength strength_;
    audit::Factor factor_;
    Time at_;
};

}  // namespace sallyport::authn
