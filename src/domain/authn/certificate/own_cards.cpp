#include "domain/authn/certificate/own_cards.h"

#include "domain/audit/log.h"
#include "domain/authn/authenticator_store.h"
#include "domain/authn/certificate/bound_card.h"
#include "domain/authn/identity_proofing.h"
#include "domain/authn/person_notice.h"
#include "domain/directory/account.h"
#include "domain/directory/text_rules.h"

#include <string>
#include <utility>

namespace sallyport::authn {

namespace {

Bytes holder_of(const SessionId& session) {
    return {session.bytes().begin(), session.bytes().end()};
}

Result<void> may_add(store::Tx& tx, const Moment& moment, const AccountId& account_id) {
    const auto account = directory::find_account(tx, account_id);
    if (!account) return refuse(Refusal::not_found, "account.unknown");
    SP_CHECK(require_identity_proofing(tx, account->person, account->role));
    if (count_usable_cards(tx, account_id, moment.now) >= cards_max) {
        return refuse(Refusal::conflict, "authenticator.too_many");
    }
    return {};
}

}  // namespace

Result<CardAsked> OwnCards::begin(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account,
    const SessionId& session,
    std::string_view label,
    const audit::Actor& actor
) const {
    if (!directory::is_clean_text(label, 1, authenticator_label_max)) {
        return refuse(Refusal::invalid, "authenticator.label_malformed");
    }
    SP_CHECK(may_add(tx, moment, account));
    CardQuestion question{
        .purpose = CardPurpose::enrolment,
        .holder = holder_of(session),
        .label = std::string(label),
    };
    SP_TRY(auto asked, ask_for_card(tx, moment, context_, std::move(question), actor));
    auto event =
        audit::event_by(actor, "cred.enrolment_started", "enrol", "account:" + account.text());
    event.fields = {{.name = "type", .value = std::string(to_text(AuthenticatorKind::certificate))}
    };
    audit::append(tx, moment, event);
    return asked;
}

Result<AuthenticatorId> OwnCards::finish(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account,
    const SessionId& session,
    const CardAnswer& answer,
    const audit::Actor& actor
) const {
    SP_TRY(
        const auto taken,
        take_card(
            tx, moment, context_, answer, CardPurpose::enrolment, holder_of(session), actor.where
        )
    );
    SP_CHECK(may_add(tx, moment, account));
    if (is_bound(tx, taken.card)) return refuse(Refusal::conflict, "card.bound");
    const auto id = AuthenticatorId::fresh(moment.now, moment.random);
    const NewAuthenticator row{
        .id = id,
        .account = account,
        .kind = AuthenticatorKind::certificate,
        .state = AuthenticatorState::active,
        .bound_by = std::nullopt,
        .source = "self",
        .label = taken.label,
        .serial = to_hex(taken.card.serial),
        .expires_at = taken.card.valid_until,
    };
    insert_authenticator(tx, moment, row, actor);
    insert_card(tx, id, taken.card);
    notify(tx, moment, account, NoticeKind::authenticator_bound, taken.label);
    return id;
}

}  // namespace sallyport::authn
