#pragma once
// What the flows of this room work with, besides a transaction and a moment.

#include "base/crypto/attestation_certificate.h"
#include "base/crypto/password_hash.h"
#include "base/crypto/secret.h"
#include "base/keys/key_ring.h"
#include "domain/audit/repeats.h"
#include "domain/authn/totp.h"
#include "domain/policy/policy.h"

#include <string>
#include <string_view>
#include <vector>

namespace sallyport::authn {

class BreachCheck;

// Whom a WebAuthn credential is for (§4, RP ID): the sign-in host, and its origins as browsers
// write them.
struct RelyingParty {
    std::string id;
    std::vector<std::string> origins;
};

struct Context {
    const keys::KeyRing& keys;
    crypto::PasswordCost cost;
    TotpRules totp;
    std::string issuer;                      // as authenticator apps show it
    std::vector<std::string> context_words;  // not to be a passphrase: the hospital's name
    // Of a passphrase nobody knows, at the cost in force: hashed against for people who do not
    // exist, so that the work is the same.
    std::string decoy_verifier;
    // Asked of every new passphrase; none: nothing is asked. Must outlive the Context.
    const BreachCheck* breaches = nullptr;
    RelyingParty relying_party = {};
    // Roots that the operator trusts to attest security keys of any model, beside each model's own
    // in FIDO's list.
    std::vector<crypto::AttestationCertificate> attestation_roots = {};
    audit::Repeats repeats = {};  // of what strangers can cause without end
};

// Hashes once (about 100 ms). `keys` must outlive the Context.
[[nodiscard]] Context make_context(
    const keys::KeyRing& keys,
    const crypto::PasswordCost& cost,
    std::string issuer = "Sallyport",
    std::vector<std::string> context_words = {}
);

// What the role asks for. A role that the policy does not know can't be signed in with one factor.
[[nodiscard]] policy::Strength role_strength(const policy::Policy& policy, std::string_view role);

// A passphrase to be checked, off the transaction, on the hash pool. Says nothing about whether the
// person exists.
struct PassphraseQuestion {
    std::string verifier;
};

struct PassphraseAnswer {
    bool correct = false;
    // Correct, but hashed at an older cost. Run make_verifier() on the pool after the answer has
    // gone out, then upgrade_verifier(): doing it before would show by its time that the
    // passphrase was right.
    bool outdated = false;
    // On the breach list (is_breached()), right or wrong. Asked by the edge, beside answer().
    bool breached = false;
};

// About 100 ms, whatever the passphrase (malformed ones too). For the hash pool; touches nothing.
[[nodiscard]] PassphraseAnswer answer(
    const Context& context, const PassphraseQuestion& question, const crypto::Secret& typed
);
// The verifier of a passphrase that normalised_passphrase() takes. About 100 ms; for the hash pool.
[[nodiscard]] Result<std::string> make_verifier(
    const Context& context, const crypto::Secret& typed
);

}  // namespace sallyport::authn
