#include "domain/authn/badge/badge_unlock.h"

#include "domain/audit/log.h"
#include "domain/authn/authenticator_store.h"
#include "domain/authn/authn_events.h"
#include "domain/authn/badge/badge_pin.h"
#include "domain/authn/badge/badge_store.h"
#include "domain/authn/person_notice.h"
#include "domain/authn/proof_maker.h"
#include "domain/directory/account.h"

#include <string>
#include <utility>

namespace sallyport::authn {

namespace {

audit::Factor factor_of(const TappedBadge& badge, int aal) {
    return {
        .amr = "badge+pin",
        .aal = aal,
        .authenticator_id = badge.id.text(),
        .phishing_resistant = false,
        .age = std::nullopt,
    };
}

// Its holder, trying it; nothing is proven by that.
audit::Actor trying(store::Tx& tx, const TappedBadge& badge, const audit::Where& where) {
    auto actor = actor_of(directory::find_account(tx, badge.account), where);
    actor.factor = factor_of(badge, 0);
    return actor;
}

// The person is told that it did not match; the log hears why.
std::unexpected<Refusal> failed(
    store::Tx& tx,
    const Moment& moment,
    const TappedBadge& badge,
    const audit::Where& where,
    Reason why
) {
    const auto subject = "account:" + badge.account.text();
    write_failure(tx, moment, trying(tx, badge, where), "badge", subject, why.text);
    return refuse(Refusal::unauthenticated, "badge.refused", std::string(why.text));
}

void suspend(
    store::Tx& tx, const Moment& moment, const TappedBadge& badge, const audit::Where& where
) {
    const auto label = find_authenticator(tx, badge.id).value().label;
    if (!suspend_authenticator(tx, moment, badge.id, trying(tx, badge, where))) return;
    notify(tx, moment, badge.account, NoticeKind::authenticator_suspended, label);
}

}  // namespace

Result<PassphraseQuestion> begin_badge_pin(
    store::Tx& tx, const Moment& moment, const BadgeTap& tap, const audit::Where& where
) {
    // That a card is nobody's is in the log since it was tapped.
    if (!tap.badge) return refuse(Refusal::unauthenticated, "badge.refused", "badge.unknown");
    const auto& badge = *tap.badge;
    if (!badge.usable) return failed(tx, moment, badge, where, why_unusable(badge));
    const auto row = find_badge_row(tx, badge.id).value();
    if (!charge_pin(tx, badge.id)) {
        return failed(tx, moment, badge, where, "badge.pin_blocked");
    }
    return PassphraseQuestion{row.pin_verifier};
}

Result<AuthenticationProof> finish_badge_pin(
    store::Tx& tx,
    const Moment& moment,
    const BadgeTap& tap,
    const PassphraseAnswer& answer,
    const audit::Where& where
) {
    if (!tap.badge) return refuse(Refusal::unauthenticated, "badge.refused", "badge.unknown");
    const auto& badge = *tap.badge;
    // It may have been suspended while the PIN was hashed.
    if (!badge.usable) return failed(tx, moment, badge, where, why_unusable(badge));
    if (!answer.correct) {
        auto no = failed(tx, moment, badge, where, "badge.pin_wrong");
        if (find_badge_row(tx, badge.id).value().wrong_pins >= badge_wrong_pins_max) {
            suspend(tx, moment, badge, where);
        }
        return no;
    }
    if (!spend_tap(tx, tap.id, moment.now)) return refuse(Refusal::expired, "badge.tap_over");
    forget_wrong_pins(tx, badge.id);
    note_used(tx, badge.id, moment.now);
    return ProofMaker::make(
        badge.account, policy::Strength::one_factor, factor_of(badge, 1), moment.now
    );
}

}  // namespace sallyport::authn
