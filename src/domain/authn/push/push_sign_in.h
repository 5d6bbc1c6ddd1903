#pragma once
// The second form of the sign-in (sign_in.h) answered on a phone instead of by a code. Its shape is
// the same for everybody: each flow can ask, each is shown a number, and each waits
// (push_attempt.h). A code stays possible in the same flow.

#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/authentication_proof.h"
#include "domain/authn/context.h"
#include "domain/authn/push/push_attempt.h"

#include <optional>

namespace sallyport::authn {

class PushSignIn {
public:
    // `context` must outlive it.
    explicit PushSignIn(const Context& context) : context_(context) {}

    // `token` is the flow's, at its second form. Refuses expired "authn.flow_over", denied
    // "clock.behind".
    [[nodiscard]] Result<PushAsked> ask(
        store::Tx& tx, const Moment& moment, BytesView token, const audit::Where& where
    ) const;

    // How the question of this flow stands. Refuses expired "authn.flow_over" if it asked none.
    [[nodiscard]] Result<PushWaiting> waiting(store::Tx& tx, const Moment& moment, BytesView token)
        const;

    // Ends the flow with what the phone said. Nothing while the question is open: ask again later.
    // Refuses unauthenticated "authn.refused" once it is over without an approval, expired
    // "authn.flow_over", denied "authn.too_weak": a sign-in by push is two factors and does not
    // resist phishing (S1-24).
    [[nodiscard]] Result<std::optional<AuthenticationProof>> submit(
        store::Tx& tx,
        const Moment& moment,
        const policy::Policy& policy,
        BytesView token,
        const audit::Where& where
    ) const;

private:
    const Context& context_;
};

}  // namespace sallyport::authn
