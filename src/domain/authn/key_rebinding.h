#pragma once
// The way back to a security key (docs/adr/0010). A passphrase and a recovery code are less than
// the role asks for; what they open is the binding of one new key, for key_rebinding_max, and
// nothing else. With the key bound, the session opens.
//
//   begin()         at the end of the sign-in's forms (sign_in.h), in their transaction
//   offer_key()     write transaction
//   finish()        write transaction, together with session::open
//
// The recovery code is used up by finish(): one that leads to nothing stays good. What was bound
// before stays bound; its holder removes what is lost.

#include "base/core/bytes.h"
#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/crypto/secret.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/authentication_proof.h"
#include "domain/authn/context.h"
#include "domain/authn/new_security_key.h"
#include "domain/policy/policy.h"

#include <chrono>

namespace sallyport::authn {

inline constexpr std::chrono::minutes key_rebinding_max{15};

// Whose passphrase and code were right.
struct Rebound {
    AccountId account;
    AuthenticatorId passphrase;
    Bytes code_mac;  // mac_of_recovery_code()
};

class KeyRebinding {
public:
    // `context` must outlive it.
    explicit KeyRebinding(const Context& context) : context_(context) {}

    // 32 bytes; the edge keeps base64url of it in a flow cookie. One under way for the same account
    // ends. Writes recovery.requested.
    [[nodiscard]] crypto::Secret begin(
        store::Tx& tx, const Moment& moment, const Rebound& who, const audit::Where& where
    ) const;

    // What the browser is to make a key with. Refuses expired "rebinding.over" (too late, unknown,
    // done), conflict "authenticator.too_many". Writes cred.enrolment_started.
    [[nodiscard]] Result<KeyCreation> offer_key(
        store::Tx& tx,
        const Moment& moment,
        const policy::Policy& policy,
        BytesView token,
        const audit::Where& where
    ) const;

    // Refuses what offer_key() and accept_new_key() refuse; denied "account.not_active",
    // "rebinding.code_gone" (used or replaced meanwhile). What is demanded is the role's or, where
    // that is more, the circumstances'. Writes cred.recovery_code_used, cred.bound and
    // recovery.completed.
    [[nodiscard]] Result<AuthenticationProof> finish(
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

// Forgets those that nobody finished. For a job, every few minutes.
void sweep_key_rebindings(store::Tx& tx, const Moment& moment);

}  // namespace sallyport::authn
