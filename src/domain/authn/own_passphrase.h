#pragma once
// A person's own passphrase: set another, or give it up for good where two keys are there instead
// (S1-70). Session, permission and step-up are the caller's.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/crypto/secret.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/context.h"
#include "domain/authn/enrolment.h"
#include "domain/policy/policy.h"

#include <cstddef>
#include <string>

namespace sallyport::authn {

inline constexpr std::size_t keys_without_passphrase_min = 2;

class OwnPassphrase {
public:
    // `context` must outlive it.
    explicit OwnPassphrase(const Context& context) : context_(context) {}

    // The passphrase is revoked and no hash of it, nor of an earlier one, is kept. From outside its
    // holder looks like everybody: the sign-in asks for a passphrase and finds none right. Their
    // recovery codes open nothing until they have one again. Refuses conflict "passphrase.none",
    // "passphrase.too_few_keys" (fewer than keys_without_passphrase_min that suffice alone). Writes
    // cred.revoked and cred.passphrase_removed.
    [[nodiscard]] Result<void> remove(
        store::Tx& tx,
        const Moment& moment,
        const policy::Policy& policy,
        const AccountId& account,
        const audit::Actor& actor
    ) const;

    // As the rules for a new passphrase know its holder. Refuses not_found "account.unknown".
    [[nodiscard]] Result<Enrolment> find(
        store::Tx& tx, const Moment& moment, const policy::Policy& policy, const AccountId& account
    ) const;
    // Enrolling's rules, then the hash (about 100 ms; for the hash pool).
    [[nodiscard]] Result<std::string> make_passphrase_verifier(
        const Enrolment& person, const crypto::Secret& typed
    ) const;
    // The account's passphrase from now on; one before is revoked. Refuses denied
    // "account.not_active". Writes cred.bound, cred.revoked if there was one,
    // cred.password_changed.
    [[nodiscard]] Result<void> set(
        store::Tx& tx,
        const Moment& moment,
        const AccountId& account,
        const std::string& verifier,
        const audit::Actor& actor
    ) const;

private:
    const Context& context_;
};

}  // namespace sallyport::authn
