#pragma once
// Sign-in with a passkey, or a key that checks who holds it, and nothing else: no name is asked
// for, and possession and PIN or biometric are shown at once (WebAuthn §7.2 with a user handle).
//
//   offer()    no transaction: the challenge authenticates itself
//   submit()   write transaction, together with session::open

#include "base/core/bytes.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/authentication_proof.h"
#include "domain/authn/context.h"
#include "domain/authn/security_key.h"

namespace sallyport::authn {

class PasskeySignIn {
public:
    // `context` must outlive it.
    explicit PasskeySignIn(const Context& context) : context_(context) {}

    // `browser`: what the answer has to come with.
    [[nodiscard]] Bytes offer(const Moment& moment, BytesView browser) const;

    // Refuses unauthenticated "authn.refused" whatever was wrong (authn.failure says what),
    // throttled "authn.throttled" (by source: there is no name to slow down, and nobody can shut
    // out a key's holder), denied "authn.too_weak" (the role asks for a key that can't be copied),
    // "clock.behind".
    [[nodiscard]] Result<AuthenticationProof> submit(
        store::Tx& tx,
        const Moment& moment,
        const policy::Policy& policy,
        BytesView browser,
        const KeyAnswer& answer,
        const audit::Where& where
    ) const;

private:
    const Context& context_;
};

}  // namespace sallyport::authn
