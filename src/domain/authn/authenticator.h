#pragma once
// Bound factors: one row each for the life of the account, never deleted (SP 800-63B-4 §4.1).

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::authn {

enum class AuthenticatorKind : std::uint8_t {
    passphrase,
    totp,
    webauthn,
    push,
    certificate,
    badge,
    recovery_codes,
};
// issued: made, not yet proven by its holder. Only `active` ones open anything, and only before
// their expiry: the job that marks them `expired` may be late, no check waits for it.
enum class AuthenticatorState : std::uint8_t { issued, bound, active, suspended, expired, revoked };

inline constexpr std::size_t authenticator_label_max = 64;  // bytes of UTF-8

[[nodiscard]] std::string_view to_text(AuthenticatorKind kind) noexcept;
[[nodiscard]] std::string_view to_text(AuthenticatorState state) noexcept;

struct Authenticator {
    AuthenticatorId id;
    AccountId account;
    AuthenticatorKind kind;
    AuthenticatorState state;
    std::string label{};   // as its holder calls it
    std::string serial{};  // AAGUID, certificate or token serial; empty if it has none
    std::optional<AccountId> bound_by{};  // who issued the ticket; none: bootstrap or the person
    std::string source{};                 // bootstrap, enrolment, reset, self
    Time bound_at{};
    std::optional<Time> last_used_at{};
    std::optional<Time> expires_at{};
    std::optional<Time> suspended_at{};
    // The administrator who suspended it; none: its holder, or wrong tries that were too many.
    std::optional<AccountId> suspended_by{};
    std::optional<Time> revoked_at{};
    std::int64_t left = 0;  // recovery codes not yet used
    // A passkey that its maker syncs to other devices; a certificate whose key nobody vouches for.
    bool can_be_copied = false;
    bool is_one_factor = false;  // a card that nobody vouches asks for its PIN
    bool checks_holder = false;  // by PIN or biometric: opens a sign-in without a passphrase
    // Of a security key: its maker vouched for the AAGUID in `serial`, which is else a claim.
    bool model_attested = false;

    // Whether it opens anything at that time.
    [[nodiscard]] bool usable(Time now) const noexcept {
        return state == AuthenticatorState::active && (!expires_at || now < *expires_at);
    }
};

[[nodiscard]] std::vector<Authenticator> list_authenticators(
    store::Tx& tx, const AccountId& account
);
// Of the accounts whose ids lie between these two, both included, sorted by account.
[[nodiscard]] std::vector<Authenticator> list_authenticators_between(
    store::Tx& tx, const AccountId& first, const AccountId& last
);
[[nodiscard]] std::optional<Authenticator> find_authenticator(
    store::Tx& tx, const AuthenticatorId& id
);

// Why one was revoked; goes into cred.revoked.
enum class RevokeCause : std::uint8_t { lost, compromised, replaced, account_closed, admin };

[[nodiscard]] std::string_view to_text(RevokeCause cause) noexcept;

// What its holder calls it, to tell two of a kind apart. Refuses not_found "authenticator.unknown",
// conflict "authenticator.revoked", invalid "authenticator.label_malformed" (empty, over
// authenticator_label_max, control characters). Writes cred.renamed.
[[nodiscard]] Result<void> rename_authenticator(
    store::Tx& tx,
    const Moment& moment,
    const AuthenticatorId& id,
    std::string_view label,
    const audit::Actor& actor
);

// Mislaid, not given up: opens nothing until it is resumed. One that is suspended otherwise is
// `administrator`'s from then on. Refuses not_found "authenticator.unknown", conflict
// "authenticator.not_active". Writes cred.suspended. The caller ends the sessions that it opened
// where that is wanted.
[[nodiscard]] Result<void> suspend_authenticator(
    store::Tx& tx,
    const Moment& moment,
    const AuthenticatorId& id,
    const audit::Actor& actor,
    const std::optional<AccountId>& administrator = std::nullopt
);
// Found again; one that was suspended before an administrator suspended it is left so, as its
// holder's. Whether `actor` may lift this suspension is the caller's. Refuses not_found
// "authenticator.unknown", conflict "authenticator.not_suspended", "authenticator.expired". Writes
// cred.resumed, or cred.suspended for what is handed back.
[[nodiscard]] Result<void> resume_authenticator(
    store::Tx& tx, const Moment& moment, const AuthenticatorId& id, const audit::Actor& actor
);

// When it stops working; none: never. Refuses not_found "authenticator.unknown", conflict
// "authenticator.revoked", invalid "authenticator.expiry_past", "authenticator.never_expires" (a
// passphrase: S0-85). Writes cred.expiry_set. An expired one is active again under a later date.
[[nodiscard]] Result<void> set_expiry(
    store::Tx& tx,
    const Moment& moment,
    const AuthenticatorId& id,
    std::optional<Time> expires_at,
    const audit::Actor& actor
);

// For good. Refuses not_found "authenticator.unknown", conflict "authenticator.revoked". Writes
// cred.revoked. The caller ends the sessions that it opened where that is wanted.
[[nodiscard]] Result<void> revoke_authenticator(
    store::Tx& tx,
    const Moment& moment,
    const AuthenticatorId& id,
    RevokeCause cause,
    const audit::Actor& actor
);
// All that the account has; returns how many.
std::int64_t revoke_all_authenticators(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account,
    RevokeCause cause,
    const audit::Actor& actor
);

}  // namespace sallyport::authn
