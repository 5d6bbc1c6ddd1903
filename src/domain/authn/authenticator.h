#pragma once
// Bound factors: one row each for the life of the account, never deleted (SP 800-63B-4 §4.1).

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::authn {

enum class AuthenticatorKind : std::uint8_t { passphrase, totp, recovery_codes };
// issued: made, not yet proven by its holder. Only `active` ones open anything.
enum class AuthenticatorState : std::uint8_t { issued, bound, active, suspended, revoked };

[[nodiscard]] std::string_view to_text(AuthenticatorKind kind) noexcept;
[[nodiscard]] std::string_view to_text(AuthenticatorState state) noexcept;

struct Authenticator {
    AuthenticatorId id;
    AccountId account;
    AuthenticatorKind kind;
    AuthenticatorState state;
    std::optional<AccountId> bound_by;  // who issued the ticket; none: bootstrap or the person
    std::string source;                 // bootstrap, enrolment, reset, self
    Time bound_at;
    std::optional<Time> last_used_at;
    std::optional<Time> revoked_at;
    std::int64_t left = 0;  // recovery codes not yet used
};

[[nodiscard]] std::vector<Authenticator> list_authenticators(
    store::Tx& tx, const AccountId& account
);
[[nodiscard]] std::optional<Authenticator> find_authenticator(
    store::Tx& tx, const AuthenticatorId& id
);

// Why one was revoked; goes into cred.revoked.
enum class RevokeCause : std::uint8_t { lost, compromised, replaced, account_closed, admin };

[[nodiscard]] std::string_view to_text(RevokeCause cause) noexcept;

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
