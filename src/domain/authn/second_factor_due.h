#pragma once
// Once the policy asks everybody for two factors (S0-53), whoever has but a passphrase binds the
// second at their next sign-in, and does nothing else before.
//
//   is_second_factor_due()    in sign_in.h's first form
//   SecondFactorDue::begin()  write transaction; uses the proof up
//   show() / finish()         write transactions: an authenticator app, and the proof of both
//   offer_key() / finish_with_key()  the same with a security key or passkey
//
// Until then session::open refuses the account, since its role asks for more than was proven.

#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/crypto/secret.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/authentication_proof.h"
#include "domain/authn/context.h"
#include "domain/authn/own_authenticators.h"
#include "domain/authn/own_security_keys.h"
#include "domain/directory/account.h"
#include "domain/policy/policy.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <string_view>
#include <vector>

namespace sallyport::authn {

inline constexpr std::chrono::minutes second_factor_max{15};  // from sign-in to its end

// Whether the account's role had one factor before everybody was asked for two, and the account
// has but one.
[[nodiscard]] bool is_second_factor_due(
    store::Tx& tx, const policy::Policy& policy, const directory::Account& account, Time now
);
// Whether it will be when the policy's time of grace is over.
[[nodiscard]] bool will_second_factor_be_due(
    store::Tx& tx, const policy::Policy& policy, const directory::Account& account, Time now
);

class SecondFactorDue {
public:
    // `context` must outlive it.
    explicit SecondFactorDue(const Context& context) : context_(context) {}

    // Writes cred.change_required. 32 bytes; the edge keeps base64url of it in a flow cookie.
    [[nodiscard]] static crypto::Secret begin(
        store::Tx& tx, const Moment& moment, AuthenticationProof proof, const audit::Where& where
    );

    // A new seed each time. Refuses expired "enrolment.over" (too late, unknown, done), and what
    // OwnAuthenticators::add_totp() does: conflict "identity.not_proofed".
    [[nodiscard]] Result<OwnAuthenticators::NewTotp> show(
        store::Tx& tx, const Moment& moment, BytesView token, const audit::Where& where
    ) const;

    struct Finished {
        AuthenticationProof proof;
        std::vector<crypto::Secret> recovery_codes;  // texts, shown once
    };

    // With the code that the app shows. Refuses expired "enrolment.over", denied
    // "account.not_active", and what OwnAuthenticators::confirm_totp() does.
    [[nodiscard]] Result<Finished> finish(
        store::Tx& tx,
        const Moment& moment,
        BytesView token,
        const AuthenticatorId& shown,
        std::string_view code,
        const audit::Where& where
    ) const;

    // What the browser is to be asked for. Refuses what show() does, with OwnSecurityKeys::begin()
    // in the place of add_totp().
    [[nodiscard]] Result<KeyCreation> offer_key(
        store::Tx& tx,
        const Moment& moment,
        const policy::Policy& policy,
        BytesView token,
        const audit::Where& where
    ) const;

    // With the key that it made. Refuses what finish() does, with OwnSecurityKeys::finish() in the
    // place of confirm_totp().
    [[nodiscard]] Result<Finished> finish_with_key(
        store::Tx& tx,
        const Moment& moment,
        const policy::Policy& policy,
        BytesView token,
        const NewKey& key,
        const audit::Where& where
    ) const;

private:
    const Context& context_;
};

// Tells those who will need a second factor 30, 7 and 1 days before, once each, on their pages and
// by mail. For a job. Returns how many were told; at warnings_per_turn there may be more.
inline constexpr std::array second_factor_warning_days = {30, 7, 1};
inline constexpr std::size_t warnings_per_turn = 500;
std::size_t warn_of_second_factor(
    store::Tx& tx, const Moment& moment, const policy::Policy& policy
);

// Forgets what nobody finished. For a job.
void sweep_second_factors_due(store::Tx& tx, const Moment& moment);

}  // namespace sallyport::authn
