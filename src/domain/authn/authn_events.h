#pragma once
// How this room's events say who it was about.

#include "base/core/bytes.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/audit/repeats.h"
#include "domain/authn/authentication_proof.h"
#include "domain/authn/throttle.h"
#include "domain/directory/account.h"

#include <optional>
#include <string>
#include <string_view>

namespace sallyport::authn {

// The account's holder, acting from `where`.
[[nodiscard]] audit::Actor actor_of(const directory::Account& account, const audit::Where& where);
// Whoever is behind a name; nobody known if there is no account.
[[nodiscard]] audit::Actor actor_of(
    const std::optional<directory::Account>& account, const audit::Where& where
);

// The same, trying a factor of this kind, right or wrong: which of the account's authenticators it
// would have been, "none" if it has no such one. Its `aal` is 0, since nothing is proven by it.
[[nodiscard]] audit::Actor actor_trying(
    store::Tx& tx,
    const std::optional<directory::Account>& account,
    const audit::Where& where,
    ThrottleKind kind
);

// `subject` of a throttle as an event's object: "account:ID" or "name:MAC" (never the text that
// was typed: people type passwords there).
// Attempts that were turned away without being looked at cost nothing to make: those of a source
// are told once a minute, with their number.
void write_throttled(
    const audit::Repeats& repeats,
    store::Tx& tx,
    const Moment& moment,
    const audit::Actor& actor,
    ThrottleKind kind,
    const std::string& subject,
    const Blocked& blocked
);

// authn.failure, with the internal reason.
void write_failure(
    store::Tx& tx,
    const Moment& moment,
    const audit::Actor& actor,
    std::string_view stage,
    const std::string& subject,
    std::string_view reason
);

// cred.change_required: somebody proved who they are, and is led to a new "passphrase" or to a
// "second_factor" in place of a session.
void write_change_required(
    store::Tx& tx,
    const Moment& moment,
    const AuthenticationProof& proof,
    std::string_view what,
    const audit::Where& where
);

// At the hard stop: authn.lockout, once. It stops this kind of secret for sources of this class;
// the account stays open for the others, and for its other ways in.
void note_if_stopped(
    store::Tx& tx,
    const Moment& moment,
    ThrottleKind kind,
    const ThrottleSubject& subject,
    const directory::Account& account,
    const audit::Where& where
);

}  // namespace sallyport::authn
