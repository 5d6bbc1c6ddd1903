#pragma once
// The codes of the second form: six digits of an authenticator app, the same for sign-in and
// step-up, or a recovery code, for sign-in alone.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/context.h"
#include "domain/authn/totp.h"
#include "domain/directory/account.h"

#include <cstdint>
#include <string_view>

namespace sallyport::authn {

enum class CodeKind : std::uint8_t { totp, recovery };

// Which of them was typed, by its shape alone: digits may be typed in groups.
[[nodiscard]] CodeKind code_kind(std::string_view typed, const TotpRules& rules);

// Uses the code up, stores that, and returns whose it was. Refuses with the internal reason:
// "totp.wrong", "totp.replayed", "totp.none", "code.malformed". Writes authn.replay_detected; the
// rest is the caller's.
[[nodiscard]] Result<AuthenticatorId> accept_totp(
    store::Tx& tx,
    const Moment& moment,
    const Context& context,
    const directory::Account& account,
    std::string_view code,
    const audit::Where& where
);

// Whether the refusal already has its record in the log.
[[nodiscard]] bool is_recorded(const Refusal& refusal) noexcept;

// Work of the same kind in vain, for people who do not exist.
void accept_nothing(const Moment& moment, const Context& context, std::string_view code);

}  // namespace sallyport::authn
