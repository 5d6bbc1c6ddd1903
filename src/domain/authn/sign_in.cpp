#include "domain/authn/sign_in.h"

#include "base/core/bytes.h"
#include "domain/audit/log.h"
#include "domain/authn/authenticator_store.h"
#include "domain/authn/authn_events.h"
#include "domain/authn/compromised_passphrase.h"
#include "domain/authn/key_rebinding.h"
#include "domain/authn/mail_recovery.h"
#include "domain/authn/means_to_sign_in.h"
#include "domain/authn/one_time_code.h"
#include "domain/authn/proof_maker.h"
#include "domain/authn/push/push_attempt.h"
#include "domain/authn/recovery_code.h"
#include "domain/authn/second_factor_due.h"
#include "domain/authn/sign_in_flow.h"
#include "domain/authn/webauthn_challenge.h"
#include "domain/directory/account.h"

namespace sallyport::authn {

namespace {

using crypto::Secret;
using directory::Account;
using directory::AccountState;
using store::value;

constexpr std::size_t token_size = 32;

std::optional<Account> find_by_identifier(store::Tx& tx, std::string_view identifier) {
    const auto name = directory::LoginName::parse(identifier);
    if (!name) return std::nullopt;
    return directory::find_account(tx, *name);
}

// Why the first factor does not count, or nothing.
std::string_view first_factor_fault(
    store::Tx& tx,
    const Flow& flow,
    const std::optional<Account>& account,
    const PassphraseAnswer& answer
) {
    if (!account) return "identifier.unknown";
    // It may have been replaced while it was hashed.
    const bool there = flow.passphrase && is_active(tx, *flow.passphrase);
    if (!there) return "passphrase.none";
    if (!answer.correct) return "passphrase.wrong";
    if (account->state != AccountState::active) return "account.not_active";
    return {};
}

void write_prompt(
    store::Tx& tx, const Moment& moment, const Account& account, const audit::Where& where
) {
    const auto actor = actor_trying(tx, account, where, ThrottleKind::passphrase);
    auto event =
        audit::event_by(actor, "authn.mfa_prompt", "prompt", "account:" + account.id.text());
    event.fields = {
        {.name = "offered_factors", .value = std::string("totp recovery_code")},
        {.name = "required_aal", .value = std::int64_t{2}},
    };
    audit::append(tx, moment, event);
}

// Whoever shows one of the account's recovery codes is not one of those who guess at its name: a
// class of its own. Looked for in vain where there is no account.
bool shows_recovery_code(
    store::Tx& tx,
    const Moment& moment,
    const Context& context,
    const std::optional<Account>& account,
    std::string_view typed
) {
    const auto code = read_one_time_code(typed);
    if (!code) return false;
    const auto id = account ? std::optional(account->id) : std::nullopt;
    return find_recovery_code(tx, moment, context.keys, id, *code).has_value();
}

}  // namespace

Result<SignIn::Begun> SignIn::begin(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const Typed& typed,
    const audit::Where& where
) const {
    if (moment.clock == ClockState::behind) return refuse(Refusal::denied, "clock.behind");
    const auto account = find_by_identifier(tx, typed.identifier);
    const auto id = account ? std::optional(account->id) : std::nullopt;
    // As a known name is: however it is written, it is one name. Else capitals would tell.
    const auto name = directory::LoginName::parse(typed.identifier);
    const auto written = name ? std::string_view(name->text()) : typed.identifier;
    const bool has_code = shows_recovery_code(tx, moment, context_, account, typed.recovery_code);
    auto subject = subject_of_name(
        context_.keys,
        name_of(context_.keys, written),
        id,
        where,
        has_code ? std::string(recovery_code_class) : source_class(policy, where)
    );
    if (has_code) subject.place.clear();

    if (const auto blocked = charge(tx, moment, ThrottleKind::passphrase, subject)) {
        const auto actor = actor_trying(tx, account, where, ThrottleKind::passphrase);
        write_throttled(
            context_.repeats, tx, moment, actor, ThrottleKind::passphrase, subject.name, *blocked
        );
        return refuse(Refusal::throttled, "authn.throttled", refusal_text(*blocked));
    }

    const auto passphrase = active_passphrase(tx, id);
    auto token = Secret::random(token_size);
    tx.execute(
        "INSERT INTO sign_in (token_digest, stage, subject, account_id, passphrase_id, "
        "first_factor_right, ends_at) VALUES (?, 'passphrase', ?, ?, ?, 0, ?)",
        {digest_of_token(token.expose()),
         subject.name,
         account ? value(account->id) : store::Value(nullptr),
         passphrase ? value(passphrase->id) : store::Value(nullptr),
         value(moment.now + sign_in_max)}
    );
    return Begun{
        .token = std::move(token),
        .question = {passphrase ? passphrase->verifier : context_.decoy_verifier},
    };
}

Result<SignIn::Next> SignIn::record(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    BytesView token,
    const PassphraseAnswer& answer,
    const audit::Where& where
) const {
    SP_TRY(const auto flow, require_flow(tx, moment, token, "passphrase", where));
    const auto account = account_of(tx, flow);
    const auto fault = first_factor_fault(tx, flow, account, answer);
    if (!fault.empty()) {
        const auto actor = actor_trying(tx, account, where, ThrottleKind::passphrase);
        write_failure(tx, moment, actor, "factor1", flow.subject, fault);
        if (account) {
            const auto subject = subject_of_flow(context_, policy, flow, account, where);
            note_if_stopped(tx, moment, ThrottleKind::passphrase, subject, *account, where);
        }
        advance(tx, token, "code", false);
        return Next{};
    }

    note_used(tx, *flow.passphrase, moment.now);
    note_remembered(tx, *flow.passphrase);
    if (answer.breached) {
        const auto actor = actor_trying(tx, account, where, ThrottleKind::passphrase);
        SP_CHECK(note_compromised(tx, moment, account->id, CompromiseSignal::breach_list, actor));
    }
    Next next;
    if (answer.outdated) next.upgrade = flow.passphrase;
    const auto strength = demanded_of(tx, policy, *account, moment.now);
    next.second_factor_due = is_second_factor_due(tx, policy, *account, moment.now);
    if (strength != policy::Strength::one_factor && !next.second_factor_due) {
        advance(tx, token, "code", true);
        write_prompt(tx, moment, *account, where);
        return next;
    }
    advance(tx, token, "over", true);
    const auto subject = subject_of_flow(context_, policy, flow, account, where);
    settle(tx, moment, ThrottleKind::passphrase, subject);
    const audit::Factor factor{
        .amr = "pwd",
        .aal = 1,
        .authenticator_id = flow.passphrase->text(),
        .phishing_resistant = false,
        .age = Duration(0),
    };
    next.proof = ProofMaker::make(account->id, policy::Strength::one_factor, factor, moment.now);
    return next;
}

void SignIn::upgrade_verifier(
    store::Tx& tx,
    const AuthenticatorId& passphrase,
    const std::string& old_verifier,
    const std::string& new_verifier
) const {
    tx.execute(
        "UPDATE passphrase_verifier SET verifier = ? WHERE authenticator_id = ? AND verifier = ?",
        {new_verifier, value(passphrase), old_verifier}
    );
}

void bring_back_times(store::Tx& tx, const Moment& moment) {
    const auto now = value(moment.now);
    tx.execute("DELETE FROM sign_in");
    tx.execute("DELETE FROM push_attempt");
    tx.execute("DELETE FROM card_presentation");
    tx.execute("DELETE FROM enrolment");
    tx.execute("DELETE FROM passphrase_change");
    tx.execute("DELETE FROM key_rebinding");
    tx.execute("DELETE FROM second_factor_due");
    tx.execute("DELETE FROM mail_recovery");
    tx.execute("DELETE FROM bootstrap_code WHERE used_at IS NULL");
    tx.execute(
        "UPDATE enrolment_ticket SET revoked_at = ? "
        "WHERE issued_at > ? AND used_at IS NULL AND revoked_at IS NULL",
        {now, now}
    );
    tx.execute(
        "UPDATE throttle SET blocked_until = ? + (blocked_until - counted_at), counted_at = ? "
        "WHERE counted_at > ?",
        {now, now, now}
    );
    const auto step = static_cast<std::int64_t>(totp_step(moment.now));
    tx.execute("UPDATE totp_seed SET last_step = ? WHERE last_step > ?", {step, step});
}

void sweep(store::Tx& tx, const Moment& moment) {
    tx.execute("DELETE FROM sign_in WHERE ends_at <= ?", {value(moment.now)});
    tx.execute("DELETE FROM enrolment WHERE ends_at <= ?", {value(moment.now)});
    sweep_passphrase_changes(tx, moment);
    sweep_key_rebindings(tx, moment);
    sweep_mailed_codes(tx, moment);
    sweep_second_factors_due(tx, moment);
    sweep_throttles(tx, moment);
    sweep_challenges(tx, moment);
    forget_pushes(tx, moment.now);
    sweep_card_presentations(tx, moment);
}

}  // namespace sallyport::authn
