#pragma once
// A person adds a security key or passkey to their own account (WebAuthn §7.1), while signed in or
// on the way to it. Session or flow, permission and step-up are the caller's.

#include "base/core/bytes.h"
#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/context.h"
#include "domain/authn/new_security_key.h"
#include "domain/authn/security_key.h"

#include <string_view>

namespace sallyport::authn {

class OwnSecurityKeys {
public:
    // `context` must outlive it.
    explicit OwnSecurityKeys(const Context& context) : context_(context) {}

    // Whose key it is to be, and the session or flow that asks for it: its id, or its token. The
    // answer has to come in the same.
    struct Asking {
        AccountId account;
        BytesView holder;
    };

    // Refuses conflict "authenticator.too_many", "identity.not_proofed", not_found
    // "account.unknown". Writes cred.enrolment_started.
    [[nodiscard]] Result<KeyCreation> begin(
        store::Tx& tx,
        const Moment& moment,
        const policy::Policy& policy,
        const Asking& asking,
        const audit::Actor& actor
    ) const;

    // Refuses invalid "authenticator.label_malformed", and what begin() and accept_new_key()
    // refuse. Writes cred.bound.
    [[nodiscard]] Result<AcceptedKey> finish(
        store::Tx& tx,
        const Moment& moment,
        const policy::Policy& policy,
        const Asking& asking,
        std::string_view label,
        const NewKey& key,
        const audit::Actor& actor
    ) const;

private:
    const Context& context_;
};

}  // namespace sallyport::authn
