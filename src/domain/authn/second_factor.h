#pragma once
// The second factor, the same for sign-in and step-up: six digits of an authenticator app, or a
// recovery code.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/context.h"
#include "domain/directory/account.h"

#include <string_view>

namespace sallyport::authn {

struct AcceptedFactor {
    AuthenticatorId id;
    bool recovery = false;
};

// Uses the code up and stores that. Digits may be typed in groups. Refuses with the internal
// reason: "totp.wrong", "totp.replayed", "totp.none", "recovery_code.wrong", "recovery_code.used",
// "code.malformed". Writes authn.replay_detected or cred.recovery_code_used; the rest is the
// caller's.
[[nodiscard]] Result<AcceptedFactor> accept_second_factor(
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
