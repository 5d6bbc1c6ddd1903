#include "domain/authn/push/push_step_up.h"

#include "base/crypto/crypto.h"
#include "domain/authn/push/push_store.h"
#include "domain/directory/account.h"

#include <string>

namespace sallyport::authn {

namespace {

constexpr std::size_t token_size = 32;

// What the attempt is kept under: worth nothing in another session.
Bytes flow_of(const SessionId& session, BytesView token) {
    Bytes both(session.bytes().begin(), session.bytes().end());
    both.insert(both.end(), token.begin(), token.end());
    const auto digest = crypto::sha256(both);
    return {digest.begin(), digest.end()};
}

}  // namespace

Result<PushStepUp::Asked> PushStepUp::ask(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account_id,
    const SessionId& session,
    const audit::Where& where
) const {
    if (moment.clock == ClockState::behind) return refuse(Refusal::denied, "clock.behind");
    const auto account = directory::find_account(tx, account_id);
    if (usable_phones(tx, context_.keys, account_id, moment.now).empty()) {
        return refuse(Refusal::conflict, "push.no_phone");
    }
    auto token = crypto::Secret::random(token_size);
    const auto flow = flow_of(session, token.expose());
    const auto application = context_.issuer + " (confirmation)";
    auto asked = ask_phones(tx, moment, context_.keys, flow, account, application, where);
    return Asked{.token = std::move(token), .push = std::move(asked)};
}

Result<PushWaiting> PushStepUp::waiting(
    store::Tx& tx, const Moment& moment, const SessionId& session, BytesView token
) const {
    const auto waiting = push_waiting(tx, flow_of(session, token), moment.now);
    if (!waiting) return refuse(Refusal::expired, "authn.flow_over");
    return *waiting;
}

std::optional<PushApproval> PushStepUp::take(
    store::Tx& tx, const Moment& moment, const SessionId& session, BytesView token
) const {
    const auto phone = use_approval(tx, moment, flow_of(session, token));
    if (!phone) return std::nullopt;
    return PushApproval{*phone};
}

}  // namespace sallyport::authn
