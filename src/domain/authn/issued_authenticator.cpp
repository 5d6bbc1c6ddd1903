#include "domain/authn/issued_authenticator.h"

#include "domain/audit/log.h"
#include "domain/authn/authenticator_store.h"
#include "domain/authn/identity_proofing.h"
#include "domain/directory/text_rules.h"

#include <string>
#include <utility>

namespace sallyport::authn {

namespace {

bool counts(const Authenticator& each) {
    return each.state == AuthenticatorState::active || each.state == AuthenticatorState::suspended;
}

Result<void> make_room(store::Tx& tx, const AccountId& account, const WantedAuthenticator& wanted) {
    std::size_t all = 0;
    std::size_t of_kind = 0;
    for (const auto& each : list_authenticators(tx, account)) {
        const bool same_kind = each.kind == wanted.kind;
        if (same_kind && each.state == AuthenticatorState::issued) forget_issued(tx, each.id);
        if (!counts(each)) continue;
        ++all;
        if (same_kind) ++of_kind;
    }
    if (all >= authenticators_max || of_kind >= wanted.of_kind_max) {
        return refuse(Refusal::conflict, "authenticator.too_many");
    }
    return {};
}

}  // namespace

Result<IssuedAuthenticator> issue_authenticator(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account_id,
    const WantedAuthenticator& wanted,
    const audit::Actor& actor
) {
    if (!directory::is_clean_text(wanted.label, 1, authenticator_label_max)) {
        return refuse(Refusal::invalid, "authenticator.label_malformed");
    }
    auto account = directory::find_account(tx, account_id);
    if (!account) return refuse(Refusal::not_found, "account.unknown");
    SP_CHECK(require_identity_proofing(tx, account->person, account->role));
    SP_CHECK(make_room(tx, account_id, wanted));

    const auto id = AuthenticatorId::fresh(moment.now, moment.random);
    const NewAuthenticator row{
        .id = id,
        .account = account_id,
        .kind = wanted.kind,
        .state = AuthenticatorState::issued,
        .bound_by = std::nullopt,
        .source = "self",
        .label = std::string(wanted.label),
    };
    insert_authenticator(tx, moment, row, actor);
    auto event = audit::event_by(actor, "cred.issued", "issue", "account:" + account_id.text());
    event.fields = {
        {.name = "authenticator_id", .value = id.text()},
        {.name = "type", .value = std::string(to_text(wanted.kind))},
    };
    audit::append(tx, moment, event);
    return IssuedAuthenticator{.id = id, .account = *std::move(account)};
}

}  // namespace sallyport::authn
