#include "domain/authn/step_up.h"

#include "domain/audit/log.h"
#include "domain/authn/authenticator_store.h"
#include "domain/authn/authn_events.h"
#include "domain/authn/certificate/bound_card.h"
#include "domain/authn/holder_verification.h"
#include "domain/authn/means_to_sign_in.h"
#include "domain/authn/proof_maker.h"
#include "domain/authn/second_factor.h"
#include "domain/directory/account.h"

#include <algorithm>
#include <utility>

namespace sallyport::authn {

namespace {

using directory::Account;
using directory::AccountState;

// What was shown and held good.
struct Proven {
    std::string amr;
    std::string authenticators;
    int factors = 0;
    std::optional<audit::Factor> key;
    policy::Strength key_strength = policy::Strength::one_factor;

    void add(std::string_view method, const AuthenticatorId& id) {
        amr += (factors == 0 ? "" : "+") + std::string(method);
        authenticators += (factors == 0 ? "" : "+") + id.text();
        ++factors;
    }
};

std::string account_object(const AccountId& account) {
    return "account:" + account.text();
}

std::optional<Refusal> charged(
    store::Tx& tx,
    const Moment& moment,
    ThrottleKind kind,
    const AccountId& account,
    const audit::Actor& actor,
    const audit::Repeats& repeats
) {
    const auto subject = subject_of(account, actor.where);
    const auto blocked = charge(tx, moment, kind, subject);
    if (!blocked) return std::nullopt;
    write_throttled(repeats, tx, moment, actor, kind, subject.name, *blocked);
    return Refusal{Refusal::throttled, "authn.throttled", {}};
}

// One step-up in progress.
struct Attempt {
    store::Tx& tx;
    const Moment& moment;
    const Context& context;
    const Account& account;
    const audit::Actor& actor;
    policy::Strength demanded;
    ChallengePurpose purpose;  // what a key was asked for
    bool key_verifies_holder;
    Proven proven;

    [[nodiscard]] Result<void> prove_passphrase(const PassphraseAnswer& answer) {
        const auto passphrase = active_passphrase(tx, account.id);
        const auto subject = subject_of(account.id, actor.where);
        if (!passphrase || !answer.correct) {
            note_if_stopped(tx, moment, ThrottleKind::passphrase, subject, account, actor.where);
            return refuse(Refusal::unauthenticated, "passphrase.wrong");
        }
        settle(tx, moment, ThrottleKind::passphrase, subject);
        note_used(tx, passphrase->id, moment.now);
        proven.add("pwd", passphrase->id);
        return {};
    }

    [[nodiscard]] Result<void> prove_code(std::string_view code) {
        if (auto no = charged(tx, moment, ThrottleKind::totp, account.id, actor, context.repeats)) {
            return std::unexpected(*std::move(no));
        }
        // It gives back access and elevates nothing; nor is it used up for that.
        const bool recovery = code_kind(code, context.totp) == CodeKind::recovery;
        const auto accepted = recovery
                                  ? refuse(Refusal::unauthenticated, "step_up.recovery_code")
                                  : accept_totp(tx, moment, context, account, code, actor.where);
        const auto subject = subject_of(account.id, actor.where);
        if (!accepted) {
            note_if_stopped(tx, moment, ThrottleKind::totp, subject, account, actor.where);
            return std::unexpected(accepted.error());
        }
        settle(tx, moment, ThrottleKind::totp, subject);
        proven.add("otp", *accepted);
        return {};
    }

    [[nodiscard]] Result<void> prove_key(const KeyAnswer& answer) {
        constexpr auto kind = ThrottleKind::webauthn;
        if (auto no = charged(tx, moment, kind, account.id, actor, context.repeats)) {
            return std::unexpected(*std::move(no));
        }
        if (!actor.session) return refuse(Refusal::unauthenticated, "session.missing");
        const KeyQuestion question{
            .purpose = purpose,
            .holder = actor.session->bytes(),
            .account = account.id,
            .user_verification = key_verifies_holder,
        };
        SP_TRY(const auto accepted, accept_security_key(tx, moment, context, question, answer));
        if (demanded >= policy::Strength::phishing_resistant && accepted.strength() < demanded) {
            return refuse(Refusal::unauthenticated, "security_key.can_be_copied");
        }
        settle(tx, moment, kind, subject_of(account.id, actor.where));
        proven.key_strength = accepted.strength();
        proven.key = factor_of(accepted);
        proven.add(proven.key->amr, accepted.id);
        return {};
    }

    // Counted when it was asked for.
    [[nodiscard]] Result<void> prove_card(const PresentedCard& card) {
        SP_TRY(const auto accepted, accept_bound_card(tx, moment, card, account.id));
        if (demanded >= policy::Strength::phishing_resistant && accepted.strength() < demanded) {
            return refuse(Refusal::unauthenticated, "card.can_be_copied");
        }
        proven.key_strength = accepted.strength();
        proven.key = factor_of(accepted);
        proven.add(proven.key->amr, accepted.id);
        return {};
    }

    // Counted when it was asked for, as questions that nobody approves are.
    [[nodiscard]] Result<void> prove_phone(const PushApproval& approval) {
        const auto phone = find_authenticator(tx, approval.phone);
        const bool is_theirs = phone && phone->account == account.id;
        if (!is_theirs || !phone->usable(moment.now)) {
            return refuse(Refusal::unauthenticated, "push.phone_unusable");
        }
        note_used(tx, phone->id, moment.now);
        proven.add("swk", phone->id);
        return {};
    }

    [[nodiscard]] Result<void> prove(const StepUp::Shown& shown) {
        if (shown.key) return prove_key(*shown.key);
        if (shown.card) return prove_card(*shown.card);
        const bool one_factor = demanded == policy::Strength::one_factor;
        if (demanded >= policy::Strength::phishing_resistant) {
            return refuse(Refusal::unauthenticated, "step_up.needs_key");
        }
        if (one_factor && !shown.passphrase) {
            return refuse(Refusal::unauthenticated, "step_up.needs_passphrase");
        }
        if (shown.passphrase) {
            SP_CHECK(prove_passphrase(*shown.passphrase));
        }
        if (shown.phone && !one_factor) return prove_phone(*shown.phone);
        if (!shown.code.empty()) return prove_code(shown.code);
        if (one_factor) return {};
        return refuse(Refusal::unauthenticated, "step_up.needs_code");
    }

    [[nodiscard]] Result<void> prove_to_unlock(const StepUp::Shown& shown) {
        if (shown.key) return prove_key(*shown.key);
        if (shown.passphrase) return prove_passphrase(*shown.passphrase);
        return refuse(Refusal::unauthenticated, "step_up.needs_passphrase");
    }
};

void write_failure_of(
    store::Tx& tx,
    const Moment& moment,
    const audit::Actor& actor,
    const AccountId& account,
    std::string_view reason
) {
    auto event = audit::event_by(actor, "stepup.failure", "step_up", account_object(account));
    event.outcome = audit::Outcome::refused;
    event.reason = reason;
    audit::append(tx, moment, event);
}

// What the person is told; the log hears why.
Refusal failed(
    store::Tx& tx,
    const Moment& moment,
    const audit::Actor& actor,
    const AccountId& account,
    const Refusal& why
) {
    if (why.kind == Refusal::throttled) return why;
    if (!is_recorded(why)) write_failure_of(tx, moment, actor, account, why.reason);
    return {Refusal::unauthenticated, "step_up.refused", std::string(why.reason)};
}

// The session already stands on its first proof; one factor shown afresh keeps that level
// (SP 800-63B-4 §5.2).
audit::Factor factor_of_proof(const Proven& proven, const audit::Actor& actor) {
    constexpr int two_factors_aal = 2;
    const int before = actor.factor ? actor.factor->aal : 1;
    int aal = proven.factors > 1 ? two_factors_aal : before;
    if (proven.key) aal = std::max(before, proven.key->aal);
    return {
        .amr = proven.amr,
        .aal = aal,
        .authenticator_id = proven.authenticators,
        .phishing_resistant = proven.key.has_value(),
        .age = Duration(0),
    };
}

policy::Strength strength_of(const Proven& proven) {
    if (proven.key) return proven.key_strength;
    return proven.factors > 1 ? policy::Strength::two_factors : policy::Strength::one_factor;
}

}  // namespace

StepUp::KeyOffer StepUp::offer_key(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const AccountId& account_id,
    const SessionId& session,
    std::string_view signed_in_amr
) const {
    const auto account = directory::find_account(tx, account_id);
    return {
        .challenge =
            make_challenge(context_.keys, moment, ChallengePurpose::step_up, session.bytes()),
        .credentials = usable_security_keys(tx, account_id, moment.now),
        .user_verification =
            !account || step_up_verifies_holder(policy, account->role, signed_in_amr),
    };
}

StepUp::KeyOffer StepUp::offer_key_to_unlock(
    store::Tx& tx, const Moment& moment, const AccountId& account, const SessionId& locked
) const {
    return {
        .challenge =
            make_challenge(context_.keys, moment, ChallengePurpose::unlock, locked.bytes()),
        .credentials = usable_security_keys(tx, account, moment.now),
        .user_verification = true,
    };
}

Result<CardAsked> StepUp::ask_card(
    store::Tx& tx,
    const Moment& moment,
    const SessionId& session,
    std::string next,
    const audit::Actor& actor
) const {
    CardQuestion question{
        .purpose = CardPurpose::step_up,
        .holder = {session.bytes().begin(), session.bytes().end()},
        .next = std::move(next),
    };
    return ask_for_card(tx, moment, context_, std::move(question), actor);
}

Result<TakenCard> StepUp::take_card(
    store::Tx& tx,
    const Moment& moment,
    const SessionId& session,
    const CardAnswer& answer,
    const audit::Where& where
) const {
    return authn::take_card(
        tx, moment, context_, answer, CardPurpose::step_up, session.bytes(), where
    );
}

Result<PassphraseQuestion> StepUp::begin_passphrase(
    store::Tx& tx, const Moment& moment, const AccountId& account, const audit::Actor& actor
) const {
    if (auto no = charged(tx, moment, ThrottleKind::passphrase, account, actor, context_.repeats)) {
        return std::unexpected(*std::move(no));
    }
    const auto passphrase = active_passphrase(tx, account);
    return PassphraseQuestion{passphrase ? passphrase->verifier : context_.decoy_verifier};
}

Result<AuthenticationProof> StepUp::finish(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const AccountId& account_id,
    const Shown& shown,
    const audit::Actor& actor,
    std::string_view signed_in_amr
) const {
    // By a clock that is wrong an old code could be a new one.
    if (moment.clock == ClockState::behind) return refuse(Refusal::denied, "clock.behind");
    const auto account = directory::find_account(tx, account_id);
    if (!account || account->state != AccountState::active) {
        write_failure_of(tx, moment, actor, account_id, "account.not_active");
        return refuse(Refusal::denied, "account.not_active");
    }
    Attempt attempt{
        .tx = tx,
        .moment = moment,
        .context = context_,
        .account = *account,
        .actor = actor,
        .demanded = demanded_of(tx, policy, *account, moment.now),
        .purpose = ChallengePurpose::step_up,
        .key_verifies_holder = step_up_verifies_holder(policy, account->role, signed_in_amr),
        .proven = {},
    };
    if (auto held = attempt.prove(shown); !held) {
        return std::unexpected(failed(tx, moment, actor, account_id, held.error()));
    }

    const auto factor = factor_of_proof(attempt.proven, actor);
    auto event = audit::event_by(actor, "stepup.success", "step_up", account_object(account_id));
    event.factor = factor;
    event.fields = {
        {.name = "valid_until", .value = sallyport::to_text(moment.now + policy.step_up_age)}
    };
    audit::append(tx, moment, event);
    return ProofMaker::make(account_id, strength_of(attempt.proven), factor, moment.now);
}

Result<AuthenticationProof> StepUp::finish_unlock(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account_id,
    const Shown& shown,
    const audit::Actor& actor
) const {
    if (moment.clock == ClockState::behind) return refuse(Refusal::denied, "clock.behind");
    const auto account = directory::find_account(tx, account_id);
    if (!account || account->state != AccountState::active) {
        write_failure_of(tx, moment, actor, account_id, "account.not_active");
        return refuse(Refusal::denied, "account.not_active");
    }
    Attempt attempt{
        .tx = tx,
        .moment = moment,
        .context = context_,
        .account = *account,
        .actor = actor,
        .demanded = policy::Strength::one_factor,
        .purpose = ChallengePurpose::unlock,
        .key_verifies_holder = true,  // whoever is at a locked screen may have found the key
        .proven = {},
    };
    if (auto held = attempt.prove_to_unlock(shown); !held) {
        return std::unexpected(failed(tx, moment, actor, account_id, held.error()));
    }
    const auto factor = factor_of_proof(attempt.proven, actor);
    return ProofMaker::make(account_id, strength_of(attempt.proven), factor, moment.now);
}

}  // namespace sallyport::authn
