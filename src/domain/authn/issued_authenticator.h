#pragma once
// How a further authenticator of one's own begins, whatever its kind: made, named, and worth
// nothing until its holder has proven that they have it.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/authenticator.h"
#include "domain/directory/account.h"

#include <chrono>
#include <cstddef>
#include <string_view>

namespace sallyport::authn {

inline constexpr std::size_t authenticators_max = 20;  // usable or suspended, of one account
inline constexpr std::chrono::minutes issued_max{30};  // to prove one that was made

struct WantedAuthenticator {
    AuthenticatorKind kind;
    std::string_view label;
    std::size_t of_kind_max = authenticators_max;
};

struct IssuedAuthenticator {
    AuthenticatorId id;
    directory::Account account;
};

// One of the same kind that still waits for its proof is forgotten for the new one. Refuses invalid
// "authenticator.label_malformed", not_found "account.unknown", conflict "authenticator.too_many",
// and what require_identity_proofing() refuses. Writes cred.issued.
[[nodiscard]] Result<IssuedAuthenticator> issue_authenticator(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account,
    const WantedAuthenticator& wanted,
    const audit::Actor& actor
);

}  // namespace sallyport::authn
