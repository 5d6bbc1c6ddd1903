#include "domain/authn/push/push_sign_in.h"

#include "base/crypto/crypto.h"
#include "domain/audit/log.h"
#include "domain/authn/authenticator_store.h"
#include "domain/authn/authn_events.h"
#include "domain/authn/proof_maker.h"
#include "domain/authn/sign_in_flow.h"
#include "domain/authn/throttle.h"
#include "domain/directory/account.h"

#include <string>
#include <string_view>
#include <utility>

namespace sallyport::authn {

using store::value;

namespace {

using directory::Account;
using directory::AccountState;

Bytes digest_of(BytesView token) {
    const auto digest = crypto::sha256(token);
    return {digest.begin(), digest.end()};
}

// A sign-in at its second form.
struct SecondForm {
    Flow flow;
    std::optional<Account> account;  // only where the first factor was right
};

Result<SecondForm> second_form(store::Tx& tx, BytesView token, Time now) {
    auto flow = find_flow(tx, token, "code");
    if (!flow || now >= flow->ends_at) return refuse(Refusal::expired, "authn.flow_over");
    SecondForm form{.flow = *std::move(flow), .account = {}};
    if (form.flow.first_factor_right && form.flow.account) {
        form.account = directory::find_account(tx, *form.flow.account);
    }
    return form;
}

void end_flow(store::Tx& tx, const Bytes& flow) {
    tx.execute("UPDATE sign_in SET stage = 'over' WHERE token_digest = ?", {flow});
}

audit::Actor actor_trying_phone(
    const Account& account, const std::optional<AuthenticatorId>& phone, const audit::Where& where
) {
    auto actor = actor_of(account, where);
    actor.factor = audit::Factor{
        .amr = "swk",
        .aal = 0,
        .authenticator_id = phone ? phone->text() : "none",
        .phishing_resistant = false,
        .age = Duration(0),
    };
    return actor;
}

// Why the phone's approval does not count, or nothing. Account and phone may have been closed since
// it was given.
std::string_view fault_of(
    store::Tx& tx,
    const Moment& moment,
    const Account& account,
    const std::optional<AuthenticatorId>& phone
) {
    if (!phone) return "push.not_approved";
    if (account.state != AccountState::active) return "account.not_active";
    const auto row = find_authenticator(tx, *phone);
    return row && row->usable(moment.now) ? "" : "push.phone_unusable";
}

}  // namespace

Result<PushAsked> PushSignIn::ask(
    store::Tx& tx, const Moment& moment, BytesView token, const audit::Where& where
) const {
    if (moment.clock == ClockState::behind) return refuse(Refusal::denied, "clock.behind");
    const auto flow = digest_of(token);
    SP_TRY(const auto form, second_form(tx, token, moment.now));
    return ask_phones(tx, moment, context_.keys, flow, form.account, context_.issuer, where);
}

Result<PushWaiting> PushSignIn::waiting(store::Tx& tx, const Moment& moment, BytesView token)
    const {
    const auto waiting = push_waiting(tx, digest_of(token), moment.now);
    if (!waiting) return refuse(Refusal::expired, "authn.flow_over");
    return *waiting;
}

Result<std::optional<AuthenticationProof>> PushSignIn::submit(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    BytesView token,
    const audit::Where& where
) const {
    const auto flow = digest_of(token);
    SP_TRY(const auto form, second_form(tx, token, moment.now));
    SP_TRY(const auto shown, waiting(tx, moment, token));
    if (!shown.approved && moment.now < shown.ends_at) return std::optional<AuthenticationProof>();
    end_flow(tx, flow);
    const auto phone = use_approval(tx, moment, flow);
    const auto& account = form.account;
    // Why nobody else comes in is on record: the wrong passphrase, the phone's no.
    if (!account) return refuse(Refusal::unauthenticated, "authn.refused", "nobody was asked");
    auto fault = fault_of_first_factor(tx, form.flow);
    if (fault.empty()) fault = fault_of(tx, moment, *account, phone);
    if (!fault.empty()) {
        write_failure(
            tx,
            moment,
            actor_trying_phone(*account, phone, where),
            "factor2",
            "account:" + account->id.text(),
            fault
        );
        return refuse(Refusal::unauthenticated, "authn.refused", std::string(fault));
    }
    if (role_strength(policy, account->role) > policy::Strength::two_factors) {
        // As after a right code (sign_in.cpp): whoever holds both may know that they are not
        // enough.
        const auto actor = actor_trying_phone(*account, phone, where);
        const auto subject = "account:" + account->id.text();
        write_failure(tx, moment, actor, "factor2", subject, "authn.too_weak");
        return refuse(Refusal::denied, "authn.too_weak");
    }
    note_used(tx, *phone, moment.now);
    const auto typed = name_of(context_.keys, account->login_name.text());
    const auto from = source_class(policy, where);
    const auto subject = subject_of_name(context_.keys, typed, account->id, where, from);
    settle(tx, moment, ThrottleKind::passphrase, subject);
    const auto factor = after_first(
        form.flow,
        {.amr = "swk",
         .aal = 2,
         .authenticator_id = phone->text(),
         .phishing_resistant = false,
         .age = Duration(0)}
    );
    return ProofMaker::make(account->id, policy::Strength::two_factors, factor, moment.now);
}

}  // namespace sallyport::authn
