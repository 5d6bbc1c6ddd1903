#include "domain/authn/badge/own_badges.h"

#include "domain/audit/log.h"
#include "domain/authn/authenticator_store.h"
#include "domain/authn/badge/badge_pin.h"
#include "domain/authn/badge/badge_store.h"
#include "domain/authn/identity_proofing.h"
#include "domain/authn/person_notice.h"
#include "domain/directory/account.h"
#include "domain/directory/text_rules.h"
#include "domain/policy/policy.h"

#include <algorithm>
#include <utility>

namespace sallyport::authn {

namespace {

// To tell cards apart in lists without saying their number.
std::string serial_of(BytesView uid_mac) {
    constexpr std::size_t shown_size = 8;
    return to_hex(uid_mac.first(std::min(shown_size, uid_mac.size())));
}

}  // namespace

std::vector<OwnBadge> list_own_badges(store::Tx& tx, const AccountId& account) {
    std::vector<OwnBadge> badges;
    for (auto& each : list_authenticators(tx, account)) {
        if (each.kind != AuthenticatorKind::badge) continue;
        if (each.state == AuthenticatorState::revoked) continue;
        const bool has_key = find_badge_row(tx, each.id).value().card_key_digest.has_value();
        badges.push_back({.authenticator = std::move(each), .proves_itself = has_key});
    }
    return badges;
}

Result<BadgeTap> check_new_badge(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const BadgeBinder& binder,
    const NewBadge& wanted
) {
    if (!directory::is_clean_text(wanted.label, 1, authenticator_label_max)) {
        return refuse(Refusal::invalid, "authenticator.label_malformed");
    }
    const auto account = directory::find_account(tx, binder.account);
    if (!account) return refuse(Refusal::not_found, "account.unknown");
    const auto* const role = policy.role(account->role);
    if (role == nullptr || role->unlock.count() == 0) {
        return refuse(Refusal::denied, "badge.role");
    }
    SP_CHECK(require_identity_proofing(tx, account->person, account->role));
    const auto own = std::ranges::count_if(
        list_authenticators(tx, binder.account),
        [](const Authenticator& each) {
            return each.kind == AuthenticatorKind::badge &&
                   each.state != AuthenticatorState::revoked;
        }
    );
    if (static_cast<std::size_t>(own) >= badges_max) {
        return refuse(Refusal::conflict, "badge.too_many_own");
    }
    SP_TRY(auto tap, pending_tap(tx, binder.workstation, moment.now));
    if (tap.id != wanted.tap) return refuse(Refusal::expired, "badge.tap_over");
    if (tap.badge) return refuse(Refusal::conflict, "badge.somebodys");
    return tap;
}

Result<AuthenticatorId> bind_badge(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const BadgeBinder& binder,
    const NewBadge& wanted,
    const std::string& pin_verifier,
    const audit::Actor& actor
) {
    SP_TRY(const auto tap, check_new_badge(tx, moment, policy, binder, wanted));
    // The tap is older than the badge that the same card may have become meanwhile.
    if (find_badge(tx, tap.uid_mac)) return refuse(Refusal::conflict, "badge.somebodys");
    if (!spend_tap(tx, tap.id, moment.now)) return refuse(Refusal::expired, "badge.tap_over");
    const auto id = AuthenticatorId::fresh(moment.now, moment.random);
    const NewAuthenticator row{
        .id = id,
        .account = binder.account,
        .kind = AuthenticatorKind::badge,
        .state = AuthenticatorState::active,
        .bound_by = std::nullopt,
        .source = "self",
        .label = wanted.label,
        .serial = serial_of(tap.uid_mac),
    };
    insert_authenticator(tx, moment, row, actor);
    insert_badge(tx, id, tap.uid_mac, tap.card_key, pin_verifier);
    notify(tx, moment, binder.account, NoticeKind::authenticator_bound, wanted.label);
    return id;
}

Result<void> change_badge_pin(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account,
    const AuthenticatorId& id,
    const std::string& pin_verifier,
    const audit::Actor& actor
) {
    const auto found = find_authenticator(tx, id);
    const bool own = found && found->account == account && found->kind == AuthenticatorKind::badge;
    if (!own) return refuse(Refusal::not_found, "authenticator.unknown");
    if (found->state == AuthenticatorState::revoked) {
        return refuse(Refusal::conflict, "authenticator.revoked");
    }
    set_badge_pin(tx, id, pin_verifier);
    auto event = audit::event_by(actor, "cred.pin_set", "set_pin", "account:" + account.text());
    event.fields = {{.name = "authenticator_id", .value = id.text()}};
    audit::append(tx, moment, event);
    return {};
}

Result<void> check_badge_resumable(store::Tx& tx, const AuthenticatorId& id) {
    const auto badge = find_badge_row(tx, id);
    if (badge && badge->wrong_pins >= badge_wrong_pins_max) {
        return refuse(Refusal::conflict, "badge.pin_blocked");
    }
    return {};
}

}  // namespace sallyport::authn
