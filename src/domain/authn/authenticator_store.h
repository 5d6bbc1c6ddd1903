#pragma once
// Rows of authenticators, as the flows of this room read and write them.

#include "domain/authn/authenticator.h"
#include "domain/authn/totp.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::authn {

struct NewAuthenticator {
    AuthenticatorId id;
    AccountId account;
    AuthenticatorKind kind;
    AuthenticatorState state;
    std::optional<AccountId> bound_by;
    std::string_view source;
    std::string label = {};   // empty: what its kind is usually called
    std::string serial = {};  // empty: it has none
    std::optional<Time> expires_at = std::nullopt;
};

// The row, and cred.bound by its holder unless it is only issued.
void insert_authenticator(
    store::Tx& tx, const Moment& moment, const NewAuthenticator& row, const audit::Actor& holder
);

struct PassphraseRow {
    AuthenticatorId id;
    std::string verifier;
};

// The account's active passphrase. With no account asks the database the same question in vain.
[[nodiscard]] std::optional<PassphraseRow> active_passphrase(
    store::Tx& tx, const std::optional<AccountId>& account
);
[[nodiscard]] bool is_active(store::Tx& tx, const AuthenticatorId& id);
void insert_verifier(store::Tx& tx, const AuthenticatorId& id, const std::string& verifier);
void note_used(store::Tx& tx, const AuthenticatorId& id, Time at);

struct SeedRow {
    AuthenticatorId id;
    Bytes sealed;
    crypto::HashAlgorithm algorithm;
    TotpStep last_step;
};

// Of the account's apps that are usable at that time.
[[nodiscard]] std::vector<SeedRow> usable_seeds(store::Tx& tx, const AccountId& account, Time now);
// Of one authenticator, whatever its state.
[[nodiscard]] std::optional<SeedRow> find_seed(store::Tx& tx, const AuthenticatorId& id);
void insert_seed(store::Tx& tx, const SeedRow& row, std::int64_t key_version);
// Moves the last accepted step on; false if it is already there or beyond, by another transaction.
[[nodiscard]] bool spend_step(store::Tx& tx, const AuthenticatorId& id, TotpStep step);

// An issued one was proven by its holder: it is active from now on, and cred.bound says so.
void activate(
    store::Tx& tx, const Moment& moment, const Authenticator& issued, const audit::Actor& holder
);
// An issued one that nobody proved was never anything; it leaves no trace.
void forget_issued(store::Tx& tx, const AuthenticatorId& id);

}  // namespace sallyport::authn
