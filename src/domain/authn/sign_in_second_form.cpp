// The second form of the sign-in (sign_in.h).

#include "domain/audit/log.h"
#include "domain/authn/authenticator_store.h"
#include "domain/authn/authn_events.h"
#include "domain/authn/demanded_strength.h"
#include "domain/authn/holder_verification.h"
#include "domain/authn/key_rebinding.h"
#include "domain/authn/one_time_code.h"
#include "domain/authn/proof_maker.h"
#include "domain/authn/recovery_code.h"
#include "domain/authn/second_factor.h"
#include "domain/authn/security_key.h"
#include "domain/authn/sign_in.h"
#include "domain/authn/sign_in_flow.h"
#include "domain/authn/webauthn_challenge.h"
#include "domain/directory/account.h"

#include <utility>

namespace sallyport::authn {

namespace {

using directory::Account;
using directory::AccountState;

audit::Factor code_factor(std::string_view amr, const AuthenticatorId& id) {
    return {
        .amr = std::string(amr),
        .aal = 2,
        .authenticator_id = id.text(),
        .phishing_resistant = false,
        .age = Duration(0),
    };
}

std::unexpected<Refusal> refused(std::string_view why) {
    return refuse(Refusal::unauthenticated, "authn.refused", std::string(why));
}

}  // namespace

// The second form, whatever is shown in it. `accept` looks at it for an account whose first factor
// was right; `look_in_vain` does work of the same kind for everybody else.
Result<SignIn::Right> SignIn::second_form(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    BytesView token,
    const SecondForm& form,
    const audit::Where& where
) const {
    SP_TRY(const auto flow, require_flow(tx, moment, token, "code", where));
    const auto account = account_of(tx, flow);
    const auto first = subject_of_flow(context_, policy, flow, account, where);
    const auto subject = form.by_source_alone ? ThrottleSubject{.name = {}, .source = first.source}
                                              : subject_of_second_form(first);
    if (const auto blocked = charge(tx, moment, form.kind, subject)) {
        const auto actor = actor_trying(tx, account, where, form.kind);
        write_throttled(context_.repeats, tx, moment, actor, form.kind, flow.subject, *blocked);
        return refuse(Refusal::throttled, "authn.throttled", refusal_text(*blocked));
    }
    advance(tx, token, "over", flow.first_factor_right);

    if (!flow.first_factor_right || !account) {
        form.look_in_vain();
        return refused("the first factor was refused, as recorded");
    }
    const auto actor = actor_trying(tx, account, where, form.kind);
    if (account->state != AccountState::active) {
        write_failure(tx, moment, actor, "factor2", flow.subject, "account.not_active");
        return refused("account.not_active");
    }
    if (const auto fault = fault_of_first_factor(tx, flow); !fault.empty()) {
        write_failure(tx, moment, actor, "factor2", flow.subject, fault);
        return refused(fault);
    }
    // The authenticator's own counter, which the step-up slows down by. Codes behind a wrong
    // passphrase are not counted there: a stranger must not be able to slow its holder.
    const auto own = subject_of(account->id, where, source_class(policy, where));
    if (!form.by_source_alone && is_stopped(tx, form.kind, own)) {
        // Refused like a wrong code: to be told to wait would tell that the passphrase was right.
        write_failure(tx, moment, actor, "factor2", flow.subject, "authn.locked");
        return refused("authn.locked");
    }
    auto accepted = form.accept(*account);
    if (!accepted) {
        const auto& why = accepted.error();
        if (!is_recorded(why)) {
            write_failure(tx, moment, actor, "factor2", flow.subject, why.reason);
        }
        if (!form.by_source_alone) {
            count_failure(tx, moment, form.kind, own);
            note_if_stopped(tx, moment, form.kind, own, *account, where);
        }
        return refused(why.reason);
    }
    return Right{
        .account = *account,
        .flow = flow,
        .second = *std::move(accepted),
        .first = first,
        .subject = subject,
        .own = own,
    };
}

void SignIn::settle_all(
    store::Tx& tx, const Moment& moment, const SecondForm& form, const Right& right
) const {
    if (!form.by_source_alone) settle_account(tx, moment, form.kind, right.own);
    settle(tx, moment, ThrottleKind::passphrase, right.first);
    settle(tx, moment, form.kind, right.subject);
}

// Both factors were right: whoever holds them may know if they are not enough.
Result<AuthenticationProof> SignIn::admit(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const SecondForm& form,
    const Right& right,
    const audit::Where& where
) const {
    const auto& account = right.account;
    if (right.second.strength < role_strength(policy, account.role)) {
        const auto actor = actor_trying(tx, account, where, form.kind);
        const auto subject = "account:" + account.id.text();
        write_failure(tx, moment, actor, "factor2", subject, "authn.too_weak");
        return refuse(Refusal::denied, "authn.too_weak");
    }
    settle_all(tx, moment, form, right);
    const auto factor = after_first(right.flow, right.second.factor);
    return ProofMaker::make(account.id, right.second.strength, factor, moment.now);
}

Result<SignIn::Admitted> SignIn::submit_code(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    BytesView token,
    std::string_view code,
    const audit::Where& where
) const {
    if (code_kind(code, context_.totp) == CodeKind::recovery) {
        return submit_recovery_code(tx, moment, policy, token, code, where);
    }
    const SecondForm form{
        .kind = ThrottleKind::totp,
        .accept = [&](const Account& account) -> Result<Second> {
            SP_TRY(const auto id, accept_totp(tx, moment, context_, account, code, where));
            return Second{
                .strength = policy::Strength::two_factors, .factor = code_factor("otp", id)
            };
        },
        .look_in_vain = [&] { accept_nothing(moment, context_, code); },
    };
    SP_TRY(const auto right, second_form(tx, moment, policy, token, form, where));
    SP_TRY(auto proof, admit(tx, moment, policy, form, right, where));
    return Admitted{.proof = std::move(proof), .rebinding = std::nullopt};
}

Result<SignIn::Admitted> SignIn::submit_recovery_code(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    BytesView token,
    std::string_view typed,
    const audit::Where& where
) const {
    if (moment.clock == ClockState::behind) return refuse(Refusal::denied, "clock.behind");
    // Nobody guesses 80 bits, so no account's counter is needed, and none that others could fill.
    const SecondForm form{
        .kind = ThrottleKind::ticket,
        .accept = [&](const Account& account) -> Result<Second> {
            SP_TRY(const auto code, read_one_time_code(typed));
            SP_TRY(const auto id, find_recovery_code(tx, moment, context_.keys, account.id, code));
            return Second{
                .strength = policy::Strength::two_factors,
                .factor = code_factor(recovery_code_amr, id),
            };
        },
        .look_in_vain =
            [&] {
                const auto code = read_one_time_code(typed);
                if (!code) return;
                (void)find_recovery_code(tx, moment, context_.keys, std::nullopt, *code);
            },
        .by_source_alone = true,
    };
    SP_TRY(const auto right, second_form(tx, moment, policy, token, form, where));
    const auto& account = right.account;
    // A code that could lead to nothing is not used up.
    if (is_denied_here(tx, policy, account.role, where, moment.now)) {
        const auto actor = actor_trying(tx, account, where, form.kind);
        write_failure(
            tx, moment, actor, "factor2", "account:" + account.id.text(), "context.denied"
        );
        return refuse(Refusal::denied, "context.denied");
    }
    SP_TRY(const auto code, read_one_time_code(typed));
    const auto mac = mac_of_recovery_code(context_.keys, account.id, code);
    auto with_code = subject_of(account.id, where, recovery_code_class);
    with_code.place.clear();
    settle_account(tx, moment, ThrottleKind::passphrase, with_code);
    // Behind a mailed code there is no passphrase yet to bind a key beside.
    const auto demanded = demanded_strength(tx, policy, account.role, where, moment.now);
    if (demanded > right.second.strength && right.flow.passphrase) {
        settle_all(tx, moment, form, right);
        const Rebound who{
            .account = account.id, .passphrase = *right.flow.passphrase, .code_mac = mac
        };
        return Admitted{
            .proof = std::nullopt,
            .rebinding = KeyRebinding(context_).begin(tx, moment, who, where),
        };
    }
    SP_CHECK(spend_recovery_code(tx, moment, account.id, mac, actor_of(account, where)));
    SP_TRY(auto proof, admit(tx, moment, policy, form, right, where));
    return Admitted{.proof = std::move(proof), .rebinding = std::nullopt};
}

Result<AuthenticationProof> SignIn::submit_key(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    BytesView token,
    const KeyAnswer& answer,
    const audit::Where& where
) const {
    const auto holder = digest_of_token(token);
    // The passphrase is the other factor, so that a touch is enough unless the role asks for more.
    const auto accept = [&](const std::optional<AccountId>& account, bool user_verification) {
        const KeyQuestion question{
            .purpose = ChallengePurpose::second_factor,
            .holder = holder,
            .account = account,
            .user_verification = user_verification,
        };
        return accept_security_key(tx, moment, context_, question, answer);
    };
    const SecondForm form{
        .kind = ThrottleKind::webauthn,
        .accept = [&](const Account& account) -> Result<Second> {
            const bool verifies = verifies_holder(policy, account.role);
            SP_TRY(const auto accepted, accept(account.id, verifies));
            return Second{
                .strength = accepted.strength(),
                .factor = factor_of(accepted),
            };
        },
        .look_in_vain = [&] { (void)accept(std::nullopt, false); },
    };
    SP_TRY(const auto right, second_form(tx, moment, policy, token, form, where));
    return admit(tx, moment, policy, form, right, where);
}

Result<SignIn::KeyOffer> SignIn::offer_key(store::Tx& tx, const Moment& moment, BytesView token)
    const {
    const auto flow = find_flow(tx, token, "code");
    if (!flow || moment.now >= flow->ends_at) {
        return refuse(Refusal::expired, "authn.flow_over");
    }
    return KeyOffer{
        .challenge = make_challenge(
            context_.keys, moment, ChallengePurpose::second_factor, digest_of_token(token)
        ),
        .credentials = offered_keys(tx, context_.keys, flow->account, flow->subject, moment.now),
    };
}

}  // namespace sallyport::authn
