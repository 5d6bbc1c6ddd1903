#pragma once
// A person adds a phone to their own account, in the phone's browser, while signed in there.
// Session, permission and step-up are the caller's. What a phone becomes, and how it is renamed,
// suspended, revoked, is every authenticator's (own_authenticators.h).

#include "base/core/bytes.h"
#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/crypto/secret.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/context.h"
#include "domain/authn/push/push_subscription.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace sallyport::authn {

inline constexpr std::size_t phones_max = 5;  // usable ones of one account
// What a person reads about prompt bombing before push is enabled (S1-71); the text is the edge's.
inline constexpr std::int64_t push_training_version = 1;

class OwnPhones {
public:
    // `context` must outlive it.
    explicit OwnPhones(const Context& context) : context_(context) {}

    struct Begun {
        AuthenticatorId id;
        Bytes challenge;  // the phone signs it, to prove that it has the key now
    };

    // A phone that is not proven yet; worth nothing until finish(), within issued_max. Refuses
    // invalid "authenticator.label_malformed", conflict "authenticator.too_many",
    // "identity.not_proofed", not_found "account.unknown". Writes cred.issued.
    [[nodiscard]] Result<Begun> begin(
        store::Tx& tx,
        const Moment& moment,
        const AccountId& account,
        std::string_view label,
        const audit::Actor& actor
    ) const;

    struct NewPhone {
        Bytes public_key;                // SPKI
        Bytes signature;                 // over push_enrolment_message()
        std::string_view origin;         // where the sign-in pages are, as the phone signed it
        std::int64_t training_read = 0;  // push_training_version, if it was acknowledged
    };

    // Gives what the phone's browser shows to fetch its questions: 32 bytes, to be kept in a cookie
    // that no script reads. Refuses not_found "authenticator.unknown", conflict
    // "authenticator.not_issued", "push.key_known", "push.training_open", expired
    // "authenticator.issue_over", invalid "push.key_malformed", unauthenticated
    // "push.signature_wrong". Writes training.acknowledged and cred.bound.
    [[nodiscard]] Result<crypto::Secret> finish(
        store::Tx& tx,
        const Moment& moment,
        const AccountId& account,
        const AuthenticatorId& id,
        const NewPhone& phone,
        const audit::Actor& actor
    ) const;

private:
    const Context& context_;
};

}  // namespace sallyport::authn
