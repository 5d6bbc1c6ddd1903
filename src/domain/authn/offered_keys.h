#pragma once
// Which credentials the second form asks for. A list of an account's own would tell strangers that
// it exists and how many keys it has; so every name, known or not, is offered the same number: its
// keys, and others that nobody has, always the same ones for the same name (WebAuthn §14.6.2).

#include "base/keys/key_ring.h"
#include "domain/authn/security_key_store.h"

#include <optional>
#include <string_view>
#include <vector>

namespace sallyport::authn {

// security_keys_max of them, in an order that says nothing. `subject` is the flow's: the account,
// or the MAC of a name that nobody has.
[[nodiscard]] std::vector<CredentialDescriptor> offered_keys(
    store::Tx& tx,
    const keys::KeyRing& keys,
    const std::optional<AccountId>& account,
    std::string_view subject,
    Time now
);

}  // namespace sallyport::authn
