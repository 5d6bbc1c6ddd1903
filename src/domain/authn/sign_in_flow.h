#pragma once
// The row of a sign-in in progress, and what both of its forms do alike.

#include "base/core/bytes.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/crypto/secret.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/context.h"
#include "domain/authn/throttle.h"
#include "domain/directory/account.h"
#include "domain/policy/policy.h"

#include <optional>
#include <string>
#include <string_view>

namespace sallyport::authn {

// Of those who show a recovery code with their name, wherever they are: a class of sources.
inline constexpr std::string_view recovery_code_class = "recovery_code";

// A sign-in in progress, as its row says.
struct Flow {
    std::string subject;  // of its events: "account:ID" or "name:MAC"
    std::optional<AccountId> account;
    std::optional<AuthenticatorId> passphrase;
    bool first_factor_right;
    bool by_mail;  // a mailed code stands in the passphrase's place (mail_recovery.h)
    Time ends_at;
};

[[nodiscard]] Bytes digest_of_token(BytesView token);
[[nodiscard]] std::optional<Flow> find_flow(store::Tx& tx, BytesView token, std::string_view stage);
void advance(store::Tx& tx, BytesView token, std::string_view stage, bool first_factor_right);
[[nodiscard]] std::optional<directory::Account> account_of(store::Tx& tx, const Flow& flow);
// The flow at this stage; if it ran out, that is on record. Refuses expired "authn.flow_over".
[[nodiscard]] Result<Flow> require_flow(
    store::Tx& tx,
    const Moment& moment,
    BytesView token,
    std::string_view stage,
    const audit::Where& where
);
// At its second form, after a mailed code. The token, 32 bytes.
[[nodiscard]] crypto::Secret begin_after_mail(
    store::Tx& tx, const Moment& moment, const AccountId& account
);
// Why the first factor does not count any more, or nothing: the passphrase was replaced or shut in
// the meantime; or in its place a mailed code, and the passphrase was typed after all, or set anew.
[[nodiscard]] std::string_view fault_of_first_factor(store::Tx& tx, const Flow& flow);
// The second factor as the record has it: after which first one it was shown.
[[nodiscard]] audit::Factor after_first(const Flow& flow, audit::Factor second);
// Whom the forms of a sign-in are counted against.
[[nodiscard]] ThrottleSubject subject_of_flow(
    const Context& context,
    const policy::Policy& policy,
    const Flow& flow,
    const std::optional<directory::Account>& account,
    const audit::Where& where
);
[[nodiscard]] std::string refusal_text(const Blocked& blocked);

}  // namespace sallyport::authn
