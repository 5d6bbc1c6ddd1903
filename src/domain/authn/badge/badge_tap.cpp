#include "domain/authn/badge/badge_tap.h"

#include "domain/audit/log.h"
#include "domain/authn/authenticator.h"
#include "domain/authn/badge/badge_store.h"
#include "domain/authn/badge/badge_uid.h"
#include "domain/authn/webauthn_challenge.h"
#include "domain/directory/account.h"

#include <utility>

namespace sallyport::authn {

using store::value;

namespace {

using directory::WorkstationId;

constexpr std::chrono::minutes unknown_window{1};
constexpr std::chrono::hours kept_for{24};  // the log has them for longer

std::optional<TappedBadge> tapped_badge(
    store::Tx& tx,
    const std::optional<AuthenticatorId>& id,
    const std::optional<Bytes>& card_key,
    Time now
) {
    if (!id) return std::nullopt;
    const auto bound_key = find_badge_row(tx, *id).value().card_key_digest;
    const bool proven = !bound_key || (card_key && card_key_digest(*card_key) == *bound_key);
    const auto badge = find_authenticator(tx, *id).value();
    const auto account = directory::find_account(tx, badge.account).value();
    const auto& name = account.display_name;
    return TappedBadge{
        .id = badge.id,
        .account = badge.account,
        .role = account.role,
        .first_name = name.substr(0, name.find(' ')),
        .proven = proven,
        .usable = proven && badge.usable(now) && account.state == directory::AccountState::active,
    };
}

// The key that the card proved to have; none if it proved nothing. The challenge is used up first.
std::optional<Bytes> proven_key(
    store::Tx& tx,
    const Moment& moment,
    const keys::KeyRing& keys,
    const BadgeReader& reader,
    const CardSeen& card
) {
    if (!card.proof) return std::nullopt;
    const auto fresh = spend_challenge(
        tx,
        keys,
        moment,
        ChallengePurpose::badge_tap,
        as_bytes(reader.workstation.id.text()),
        card.proof->challenge
    );
    if (!fresh) return std::nullopt;
    auto key = proven_card_key(*card.proof, card.uid);
    if (!key) return std::nullopt;
    return *std::move(key);
}

bool too_many_unknown(store::Tx& tx, const WorkstationId& workstation, Time now) {
    const auto rows = tx.query(
        "SELECT COUNT(*) FROM badge_tap "
        "WHERE workstation_id = ? AND tapped_at > ? AND authenticator_id IS NULL",
        {value(workstation), value(now - unknown_window)}
    );
    return rows.front().integer(0) >= unknown_taps_max;
}

void write_tapped(
    store::Tx& tx,
    const Moment& moment,
    const BadgeReader& reader,
    const BadgeTap& tap,
    const audit::Where& where
) {
    const auto& workstation = reader.workstation;
    auto event = audit::event_by(
        reader_actor(reader, where), "badge.tapped", "tap", "workstation:" + workstation.id.text()
    );
    event.fields = {
        {.name = "known", .value = tap.badge.has_value()},
        {.name = "mode", .value = std::string(to_text(reader.mode))},
        {.name = "proof", .value = std::string(tap.card_key ? "key" : "number")},
    };
    if (tap.badge) {
        event.fields.push_back({.name = "authenticator_id", .value = tap.badge->id.text()});
        event.fields.push_back({.name = "account", .value = tap.badge->account.text()});
    }
    if (!tap.badge || !tap.badge->usable) {
        event.outcome = audit::Outcome::refused;
        event.reason = tap.badge ? why_unusable(*tap.badge).text : "badge.unknown";
    }
    audit::append(tx, moment, event);
}

}  // namespace

Reason why_unusable(const TappedBadge& badge) noexcept {
    if (!badge.proven) return "badge.not_proven";
    return "badge.not_usable";
}

Bytes tap_challenge(const keys::KeyRing& keys, const Moment& moment, const BadgeReader& reader) {
    const auto holder = reader.workstation.id.text();
    return make_challenge(keys, moment, ChallengePurpose::badge_tap, as_bytes(holder));
}

Result<BadgeTap> record_tap(
    store::Tx& tx,
    const Moment& moment,
    const keys::KeyRing& keys,
    const BadgeReader& reader,
    const CardSeen& card,
    const audit::Where& where
) {
    SP_CHECK(check_badge_uid(card.uid));
    const auto& workstation = reader.workstation.id;
    const auto mac = badge_uid_mac(keys, card.uid);
    const auto known = find_badge(tx, mac);
    if (!known && too_many_unknown(tx, workstation, moment.now)) {
        return refuse(Refusal::throttled, "badge.too_many");
    }
    auto key = proven_key(tx, moment, keys, reader, card);
    const auto life = reader.mode == ReaderMode::stay ? stay_life : tap_life;
    BadgeTap tap{
        .id = BadgeTapId::fresh(moment.now, moment.random),
        .workstation = workstation,
        .uid_mac = mac,
        .card_key = key,
        .badge = tapped_badge(tx, known, key, moment.now),
        .ends_at = moment.now + life,
    };
    spend_taps_at(tx, workstation, moment.now);
    tx.execute(
        "DELETE FROM badge_tap WHERE workstation_id = ? AND tapped_at < ?",
        {value(workstation), value(moment.now - kept_for)}
    );
    tx.execute(
        "INSERT INTO badge_tap (id, workstation_id, uid_mac, card_key, authenticator_id, "
        "tapped_at, "
        "ends_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        {value(tap.id),
         value(workstation),
         tap.uid_mac,
         key ? store::Value(*key) : store::Value(nullptr),
         value(known),
         value(moment.now),
         value(tap.ends_at)}
    );
    write_tapped(tx, moment, reader, tap, where);
    return tap;
}

Result<BadgeTap> pending_tap(store::Tx& tx, const WorkstationId& workstation, Time now) {
    const auto rows = tx.query(
        "SELECT id, uid_mac, authenticator_id, ends_at, card_key FROM badge_tap "
        "WHERE workstation_id = ? AND spent_at IS NULL AND ends_at > ? AND tapped_at <= ?",
        {value(workstation), value(now), value(now)}
    );
    if (rows.empty()) return refuse(Refusal::expired, "badge.tap_over");
    const auto& row = rows.front();
    auto key = row.is_null(4) ? std::nullopt : std::optional(row.blob(4));
    return BadgeTap{
        .id = row.id<BadgeTapId>(0),
        .workstation = workstation,
        .uid_mac = row.blob(1),
        .card_key = key,
        .badge = tapped_badge(tx, row.maybe_id<AuthenticatorId>(2), key, now),
        .ends_at = row.time(3),
    };
}

bool spend_tap(store::Tx& tx, const BadgeTapId& id, Time now) {
    return tx.execute(
               "UPDATE badge_tap SET spent_at = ? WHERE id = ? AND spent_at IS NULL",
               {value(now), value(id)}
           ) == 1;
}

void spend_taps_at(store::Tx& tx, const WorkstationId& workstation, Time now) {
    tx.execute(
        "UPDATE badge_tap SET spent_at = ? WHERE workstation_id = ? AND spent_at IS NULL",
        {value(now), value(workstation)}
    );
}

}  // namespace sallyport::authn
