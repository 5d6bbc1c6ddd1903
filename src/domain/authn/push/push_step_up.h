#pragma once
// Step-up (step_up.h) answered on a phone: the page shows a number, which is typed there. The phone
// reads in the question that somebody who is signed in confirms something, and where.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/crypto/secret.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/context.h"
#include "domain/authn/push/push_attempt.h"

#include <optional>

namespace sallyport::authn {

// The phone that approved, used up: for StepUp::Shown.
struct PushApproval {
    AuthenticatorId phone;
};

class PushStepUp {
public:
    // `context` must outlive it.
    explicit PushStepUp(const Context& context) : context_(context) {}

    struct Asked {
        crypto::Secret token;  // 32 bytes, in a cookie of the browser that asked
        PushAsked push;
    };

    // Refuses denied "clock.behind", conflict "push.no_phone": the account has none that works.
    // Counts with the questions at sign-in (push_guard.h).
    [[nodiscard]] Result<Asked> ask(
        store::Tx& tx,
        const Moment& moment,
        const AccountId& account,
        const SessionId& session,
        const audit::Where& where
    ) const;

    // `token` and `session` are those that asked. Refuses expired "authn.flow_over".
    [[nodiscard]] Result<PushWaiting> waiting(
        store::Tx& tx, const Moment& moment, const SessionId& session, BytesView token
    ) const;

    // Once: nothing if the phone did not approve, or the minute is over.
    [[nodiscard]] std::optional<PushApproval> take(
        store::Tx& tx, const Moment& moment, const SessionId& session, BytesView token
    ) const;

private:
    const Context& context_;
};

}  // namespace sallyport::authn
