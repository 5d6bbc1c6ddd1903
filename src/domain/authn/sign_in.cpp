#include "domain/authn/sign_in.h"

#include "base/core/bytes.h"
#include "domain/audit/log.h"
#include "domain/authn/authenticator_store.h"
#include "domain/authn/authn_events.h"
#include "domain/authn/compromised_passphrase.h"
#include "domain/authn/proof_maker.h"
#include "domain/authn/push/push_attempt.h"
#include "domain/authn/second_factor.h"
#include "domain/authn/security_key.h"
#include "domain/authn/webauthn_challenge.h"
#include "domain/directory/account.h"

namespace sallyport::authn {

namespace {

using crypto::Secret;
using directory::Account;
using directory::AccountState;
using store::value;

constexpr std::size_t token_size = 32;

Bytes digest_of_token(BytesView token) {
    const auto digest = crypto::sha256(token);
    return {digest.begin(), digest.end()};
}

std::optional<Account> find_by_identifier(store::Tx& tx, std::string_view identifier) {
    const auto name = directory::LoginName::parse(identifier);
    if (!name) return std::nullopt;
    return directory::find_account(tx, *name);
}

// A sign-in in progress, as its row says.
struct Flow {
    std::string subject;
    std::optional<AccountId> account;
    std::optional<AuthenticatorId> passphrase;
    bool first_factor_right;
    Time ends_at;
};

std::optional<Flow> find_flow(store::Tx& tx, BytesView token, std::string_view stage) {
    const auto rows = tx.query(
        "SELECT subject, account_id, passphrase_id, first_factor_right, ends_at FROM sign_in "
        "WHERE token_digest = ? AND stage = ?",
        {digest_of_token(token), std::string(stage)}
    );
    if (rows.empty()) return std::nullopt;
    const auto& row = rows.front();
    return Flow{
        .subject = row.text(0),
        .account = row.maybe_id<AccountId>(1),
        .passphrase = row.maybe_id<AuthenticatorId>(2),
        .first_factor_right = row.integer(3) != 0,
        .ends_at = row.time(4),
    };
}

void advance(store::Tx& tx, BytesView token, std::string_view stage, bool first_factor_right) {
    tx.execute(
        "UPDATE sign_in SET stage = ?, first_factor_right = ? WHERE token_digest = ?",
        {std::string(stage), std::int64_t{first_factor_right}, digest_of_token(token)}
    );
}

std::optional<Account> account_of(store::Tx& tx, const Flow& flow) {
    if (!flow.account) return std::nullopt;
    return directory::find_account(tx, *flow.account);
}

// The flow at this stage; if it ran out, that is on record.
Result<Flow> require_flow(
    store::Tx& tx,
    const Moment& moment,
    BytesView token,
    std::string_view stage,
    const audit::Where& where
) {
    auto flow = find_flow(tx, token, stage);
    if (!flow) return refuse(Refusal::expired, "authn.flow_over");
    if (moment.now >= flow->ends_at) {
        advance(tx, token, "over", false);
        const auto kind = stage == "passphrase" ? ThrottleKind::passphrase : ThrottleKind::totp;
        const auto actor = actor_trying(tx, account_of(tx, *flow), where, kind);
        write_failure(tx, moment, actor, std::string(stage), flow->subject, "authn.flow_over");
        return refuse(Refusal::expired, "authn.flow_over");
    }
    return *std::move(flow);
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

std::string refusal_text(const Blocked& blocked) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(blocked.wait).count();
    return "retry after " + std::to_string(seconds) + " s";
}

void write_success(
    store::Tx& tx,
    const Moment& moment,
    const Account& account,
    const audit::Factor& factor,
    const audit::Where& where
) {
    auto event = audit::event_by(
        actor_of(account, where), "authn.success", "authenticate", "account:" + account.id.text()
    );
    event.factor = factor;
    audit::append(tx, moment, event);
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

// The authenticator's own counter, which the step-up slows down by. Codes behind a wrong passphrase
// are not counted there: a stranger must not be able to slow its holder.
ThrottleSubject authenticator_subject(const AccountId& account, const audit::Where& where) {
    auto subject = subject_of(account, where);
    subject.place.clear();
    return subject;
}

std::unexpected<Refusal> refused(std::string_view why) {
    return refuse(Refusal::unauthenticated, "authn.refused", std::string(why));
}

}  // namespace

Result<SignIn::Begun> SignIn::begin(
    store::Tx& tx, const Moment& moment, std::string_view identifier, const audit::Where& where
) const {
    if (moment.clock == ClockState::behind) return refuse(Refusal::denied, "clock.behind");
    const auto account = find_by_identifier(tx, identifier);
    // As a known name is: however it is written, it is one name. Else capitals would tell.
    const auto name = directory::LoginName::parse(identifier);
    const auto written = name ? std::string_view(name->text()) : identifier;
    const auto unknown = subject_of_unknown(context_.keys, written, where);
    const auto subject = account ? subject_of(account->id, where) : unknown;

    if (const auto blocked = charge(tx, moment, ThrottleKind::passphrase, subject)) {
        const auto actor = actor_trying(tx, account, where, ThrottleKind::passphrase);
        write_throttled(
            context_.repeats, tx, moment, actor, ThrottleKind::passphrase, subject.name, *blocked
        );
        const bool whole = stop_of(tx, ThrottleKind::passphrase, subject) == Stop::whole;
        if (account && whole) {
            lock_if_stopped(tx, moment, ThrottleKind::passphrase, subject, *account, where);
        }
        return refuse(Refusal::throttled, "authn.throttled", refusal_text(*blocked));
    }

    const auto passphrase =
        active_passphrase(tx, account ? std::optional(account->id) : std::nullopt);
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
            const auto subject = subject_of(account->id, where);
            lock_if_stopped(tx, moment, ThrottleKind::passphrase, subject, *account, where);
        }
        advance(tx, token, "code", false);
        return Next{};
    }

    note_used(tx, *flow.passphrase, moment.now);
    if (answer.breached) {
        const auto actor = actor_trying(tx, account, where, ThrottleKind::passphrase);
        SP_CHECK(note_compromised(tx, moment, account->id, CompromiseSignal::breach_list, actor));
    }
    Next next;
    if (answer.outdated) next.upgrade = flow.passphrase;
    const auto strength = role_strength(policy, account->role);
    if (strength != policy::Strength::one_factor) {
        advance(tx, token, "code", true);
        write_prompt(tx, moment, *account, where);
        return next;
    }
    advance(tx, token, "over", true);
    settle(tx, moment, ThrottleKind::passphrase, subject_of(account->id, where));
    const audit::Factor factor{
        .amr = "pwd",
        .aal = 1,
        .authenticator_id = flow.passphrase->text(),
        .phishing_resistant = false,
        .age = Duration(0),
    };
    write_success(tx, moment, *account, factor, where);
    next.proof = ProofMaker::make(account->id, strength, factor, moment.now);
    return next;
}

// The second form, whatever is shown in it. `accept` looks at it for an account whose first factor
// was right; `look_in_vain` does work of the same kind for everybody else.
Result<AuthenticationProof> SignIn::second_form(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    BytesView token,
    const SecondForm& form,
    const audit::Where& where
) const {
    SP_TRY(const auto flow, require_flow(tx, moment, token, "code", where));
    const auto account = account_of(tx, flow);
    const auto subject =
        subject_of_second_form(context_.keys, flow.subject, flow.account.has_value(), where);
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
    const auto own = authenticator_subject(account->id, where);
    if (stop_of(tx, form.kind, own) != Stop::none) {
        // Refused like a wrong code: to be told to wait would tell that the passphrase was right.
        write_failure(tx, moment, actor, "factor2", flow.subject, "authn.locked");
        return refused("authn.locked");
    }
    const auto accepted = form.accept(*account);
    if (!accepted) {
        const auto& why = accepted.error();
        if (!is_recorded(why)) {
            write_failure(tx, moment, actor, "factor2", flow.subject, why.reason);
        }
        count_failure(tx, moment, form.kind, own);
        lock_if_stopped(tx, moment, form.kind, own, *account, where);
        return refused(why.reason);
    }

    if (accepted->strength < role_strength(policy, account->role)) {
        // Both factors were right: whoever holds them may know that they are not enough.
        write_failure(tx, moment, actor, "factor2", flow.subject, "authn.too_weak");
        return refuse(Refusal::denied, "authn.too_weak");
    }

    forget_failures(tx, form.kind, own);
    settle(tx, moment, ThrottleKind::passphrase, subject_of(account->id, where));
    settle(tx, moment, form.kind, subject);
    auto factor = accepted->factor;
    factor.amr = "pwd+" + factor.amr;
    factor.authenticator_id = flow.passphrase->text() + "+" + factor.authenticator_id;
    write_success(tx, moment, *account, factor, where);
    return ProofMaker::make(account->id, accepted->strength, factor, moment.now);
}

Result<AuthenticationProof> SignIn::submit_code(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    BytesView token,
    std::string_view code,
    const audit::Where& where
) const {
    const SecondForm form{
        .kind = ThrottleKind::totp,
        .accept = [&](const Account& account) -> Result<Second> {
            SP_TRY(
                const auto accepted,
                accept_second_factor(tx, moment, context_, account, code, where)
            );
            return Second{
                .strength = policy::Strength::two_factors,
                .factor =
                    {.amr = "otp",
                     .aal = 2,
                     .authenticator_id = accepted.id.text(),
                     .phishing_resistant = false,
                     .age = Duration(0)},
            };
        },
        .look_in_vain = [&] { accept_nothing(moment, context_, code); },
    };
    return second_form(tx, moment, policy, token, form, where);
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
    const auto accept = [&](const std::optional<AccountId>& account) {
        const KeyQuestion question{
            .purpose = ChallengePurpose::second_factor,
            .holder = holder,
            .account = account,
            .user_verification = false,  // the passphrase is the other factor
        };
        return accept_security_key(tx, moment, context_, question, answer);
    };
    const SecondForm form{
        .kind = ThrottleKind::webauthn,
        .accept = [&](const Account& account) -> Result<Second> {
            SP_TRY(const auto accepted, accept(account.id));
            return Second{
                .strength = accepted.strength(),
                .factor = factor_of(accepted),
            };
        },
        .look_in_vain = [&] { (void)accept(std::nullopt); },
    };
    return second_form(tx, moment, policy, token, form, where);
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
    sweep_throttles(tx, moment);
    sweep_challenges(tx, moment);
    sweep_push(tx, moment);
    sweep_card_presentations(tx, moment);
}

}  // namespace sallyport::authn
