#include "domain/authn/expiry.h"

#include "domain/audit/log.h"
#include "domain/authn/authenticator.h"
#include "domain/authn/person_notice.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace sallyport::authn {

using store::value;

namespace {

using Days = std::chrono::days;

// An active authenticator whose end is near or past.
struct Ageing {
    AuthenticatorId id;
    AccountId account;
    std::string kind;
    std::string label;
    Time expires_at;
    std::optional<std::int64_t> warned_days;
};

Ageing read_row(const store::Row& row) {
    return {
        .id = row.id<AuthenticatorId>(0),
        .account = row.id<AccountId>(1),
        .kind = row.text(2),
        .label = row.text(3),
        .expires_at = row.time(4),
        .warned_days = row.is_null(5) ? std::nullopt : std::optional(row.integer(5)),
    };
}

audit::Event event_about(const Ageing& ageing, std::string_view type, std::string verb) {
    auto event = audit::event_by(
        audit::system_actor("authenticator-expiry"),
        type,
        std::move(verb),
        "account:" + ageing.account.text()
    );
    event.fields = {
        {.name = "authenticator_id", .value = ageing.id.text()},
        {.name = "type", .value = ageing.kind},
    };
    return event;
}

void expire(store::Tx& tx, const Moment& moment, const Ageing& ageing) {
    tx.execute("UPDATE authenticator SET state = 'expired' WHERE id = ?", {value(ageing.id)});
    audit::append(tx, moment, event_about(ageing, "cred.expired", "expire"));
    notify(tx, moment, ageing.account, NoticeKind::authenticator_expired, ageing.label);
}

// The nearest of the warnings whose time has come.
int days_due(Duration left) {
    int due = expiry_warning_days.front();
    for (const int days : expiry_warning_days) {
        if (left <= Days(days)) due = days;
    }
    return due;
}

void warn(store::Tx& tx, const Moment& moment, const Ageing& ageing, int days) {
    tx.execute(
        "UPDATE authenticator SET expiry_warned_days = ? WHERE id = ?",
        {std::int64_t{days}, value(ageing.id)}
    );
    auto event = event_about(ageing, "cred.expiring", "warn");
    event.fields.push_back({.name = "days_left", .value = std::int64_t{days}});
    audit::append(tx, moment, event);
    notify(tx, moment, ageing.account, NoticeKind::authenticator_expiring, ageing.label);
}

}  // namespace

std::size_t expire_authenticators(store::Tx& tx, const Moment& moment) {
    const auto horizon = moment.now + Days(expiry_warning_days.front());
    // Those that were told all there is to tell are left out, or they would fill every turn.
    const auto rows = tx.query(
        "SELECT id, account_id, kind, label, expires_at, expiry_warned_days FROM authenticator "
        "WHERE state = 'active' AND expires_at IS NOT NULL AND (expires_at <= ? OR (expires_at <= "
        "? AND (expiry_warned_days IS NULL OR (expiry_warned_days > 7 AND expires_at <= ?) "
        "OR (expiry_warned_days > 1 AND expires_at <= ?)))) ORDER BY expires_at LIMIT ?",
        {value(moment.now),
         value(horizon),
         value(moment.now + Days(7)),
         value(moment.now + Days(1)),
         static_cast<std::int64_t>(expiries_per_turn)}
    );
    for (const auto& row : rows) {
        const auto ageing = read_row(row);
        if (ageing.expires_at <= moment.now) {
            expire(tx, moment, ageing);
        } else {
            warn(tx, moment, ageing, days_due(ageing.expires_at - moment.now));
        }
    }
    return rows.size();
}

}  // namespace sallyport::authn
