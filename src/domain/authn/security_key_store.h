#pragma once
// Rows of WebAuthn credentials: security keys and passkeys.

#include "domain/authn/authenticator.h"
#include "domain/authn/webauthn/authentication.h"
#include "domain/authn/webauthn/registration.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace sallyport::authn {

inline constexpr std::size_t security_keys_max = 8;  // usable ones of one account

// What a browser is told about a credential, to ask for it or to leave it out.
struct CredentialDescriptor {
    Bytes id;
    std::string transports;  // "usb,nfc", as the browser said at registration; or empty
};

struct SecurityKeyRow {
    AuthenticatorId authenticator;
    AccountId account;
    webauthn::StoredCredential credential;
};

// The account's WebAuthn user handle: 32 random bytes, made when it is first asked for (§5.4.3:
// nothing about the person in it).
[[nodiscard]] Bytes user_handle_of(store::Tx& tx, const AccountId& account);

// One for an account that is yet to be made; and what is stored once it is.
[[nodiscard]] Bytes fresh_user_handle();
void insert_user_handle(store::Tx& tx, const AccountId& account, const Bytes& handle);

void insert_security_key(
    store::Tx& tx,
    const AuthenticatorId& authenticator,
    const webauthn::Registration& registration,
    const std::string& transports
);

// Of an authenticator that is usable at that time.
[[nodiscard]] std::optional<SecurityKeyRow> find_security_key(
    store::Tx& tx, BytesView credential_id, Time now
);
// Whether anybody has it, in whatever state (§7.1 step 26).
[[nodiscard]] bool is_registered(store::Tx& tx, BytesView credential_id);

// The account's usable ones, the last used first, at most security_keys_max. With no account asks
// the database the same question in vain.
[[nodiscard]] std::vector<CredentialDescriptor> usable_security_keys(
    store::Tx& tx, const std::optional<AccountId>& account, Time now
);

// After an accepted assertion.
void note_assertion(
    store::Tx& tx, const AuthenticatorId& authenticator, const webauthn::Assertion& assertion
);

}  // namespace sallyport::authn
