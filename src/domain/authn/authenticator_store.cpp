#include "domain/authn/authenticator_store.h"

#include "domain/audit/log.h"

namespace sallyport::authn {

using store::value;

namespace {

std::string text_of(AuthenticatorKind kind) {
    return std::string(to_text(kind));
}

std::string text_of(AuthenticatorState state) {
    return std::string(to_text(state));
}

std::string_view usual_label(AuthenticatorKind kind) {
    switch (kind) {
        case AuthenticatorKind::passphrase:
            return "Passphrase";
        case AuthenticatorKind::totp:
            return "Authenticator app";
        case AuthenticatorKind::webauthn:
            return "Security key";
        case AuthenticatorKind::push:
            return "Phone";
        case AuthenticatorKind::certificate:
            return "Smart card";
        case AuthenticatorKind::badge:
            return "Badge";
        case AuthenticatorKind::recovery_codes:
            return "Recovery codes";
    }
    return "Authenticator";
}

void write_bound(
    store::Tx& tx, const Moment& moment, const Authenticator& bound, const audit::Actor& holder
) {
    auto event = audit::event_by(holder, "cred.bound", "bind", "account:" + bound.account.text());
    event.fields = {
        {.name = "authenticator_id", .value = bound.id.text()},
        {.name = "type", .value = text_of(bound.kind)},
        {.name = "source", .value = bound.source},
        {.name = "bound_by", .value = bound.bound_by ? bound.bound_by->text() : "self"},
    };
    if (!bound.serial.empty()) {
        event.fields.push_back({.name = "aaguid_or_serial", .value = bound.serial});
    }
    if (bound.expires_at) {
        event.fields.push_back({.name = "expiry", .value = sallyport::to_text(*bound.expires_at)});
    }
    audit::append(tx, moment, event);
}

constexpr std::string_view seed_columns =
    "SELECT a.id, s.sealed, s.algorithm, s.last_step FROM authenticator a "
    "JOIN totp_seed s ON s.authenticator_id = a.id ";

SeedRow seed_in(const store::Row& row) {
    return {
        .id = row.id<AuthenticatorId>(0),
        .sealed = row.blob(1),
        .algorithm = totp_algorithm(row.text(2)),
        .last_step = static_cast<TotpStep>(row.integer(3)),
    };
}

}  // namespace

void insert_authenticator(
    store::Tx& tx, const Moment& moment, const NewAuthenticator& row, const audit::Actor& holder
) {
    const Authenticator made{
        .id = row.id,
        .account = row.account,
        .kind = row.kind,
        .state = row.state,
        .label = row.label.empty() ? std::string(usual_label(row.kind)) : row.label,
        .serial = row.serial,
        .bound_by = row.bound_by,
        .source = std::string(row.source),
        .bound_at = moment.now,
        .last_used_at = std::nullopt,
        .expires_at = row.expires_at,
        .suspended_at = std::nullopt,
        .revoked_at = std::nullopt,
    };
    tx.execute(
        "INSERT INTO authenticator (id, account_id, kind, state, label, serial, bound_by, source, "
        "bound_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {value(made.id),
         value(made.account),
         text_of(made.kind),
         text_of(made.state),
         made.label,
         made.serial,
         value(made.bound_by),
         made.source,
         value(made.bound_at),
         value(made.expires_at)}
    );
    if (row.state != AuthenticatorState::issued) write_bound(tx, moment, made, holder);
}

std::optional<PassphraseRow> active_passphrase(
    store::Tx& tx, const std::optional<AccountId>& account
) {
    const auto rows = tx.query(
        "SELECT a.id, v.verifier FROM authenticator a "
        "JOIN passphrase_verifier v ON v.authenticator_id = a.id "
        "WHERE a.account_id = ? AND a.kind = 'passphrase' AND a.state = 'active'",
        {account ? account->text() : std::string("nobody")}
    );
    if (rows.empty()) return std::nullopt;
    return PassphraseRow{rows.front().id<AuthenticatorId>(0), rows.front().text(1)};
}

bool is_active(store::Tx& tx, const AuthenticatorId& id) {
    return !tx.query("SELECT 1 FROM authenticator WHERE id = ? AND state = 'active'", {value(id)})
                .empty();
}

void insert_verifier(store::Tx& tx, const AuthenticatorId& id, const std::string& verifier) {
    tx.execute(
        "INSERT INTO passphrase_verifier (authenticator_id, verifier) VALUES (?, ?)",
        {value(id), verifier}
    );
}

void note_used(store::Tx& tx, const AuthenticatorId& id, Time at) {
    tx.execute("UPDATE authenticator SET last_used_at = ? WHERE id = ?", {value(at), value(id)});
}

std::vector<SeedRow> usable_seeds(store::Tx& tx, const AccountId& account, Time now) {
    const auto rows = tx.query(
        std::string(seed_columns) +
            "WHERE a.account_id = ? AND a.kind = 'totp' AND a.state = 'active' "
            "AND (a.expires_at IS NULL OR a.expires_at > ?) ORDER BY a.id",
        {value(account), value(now)}
    );
    std::vector<SeedRow> found;
    found.reserve(rows.size());
    for (const auto& row : rows) {
        found.push_back(seed_in(row));
    }
    return found;
}

std::optional<SeedRow> find_seed(store::Tx& tx, const AuthenticatorId& id) {
    const auto rows = tx.query(std::string(seed_columns) + "WHERE a.id = ?", {value(id)});
    if (rows.empty()) return std::nullopt;
    return seed_in(rows.front());
}

void insert_seed(store::Tx& tx, const SeedRow& row, std::int64_t key_version) {
    tx.execute(
        "INSERT INTO totp_seed (authenticator_id, sealed, key_version, algorithm, last_step) "
        "VALUES (?, ?, ?, ?, ?)",
        {value(row.id),
         row.sealed,
         key_version,
         std::string(to_text(row.algorithm)),
         static_cast<std::int64_t>(row.last_step)}
    );
}

bool spend_step(store::Tx& tx, const AuthenticatorId& id, TotpStep step) {
    const auto number = static_cast<std::int64_t>(step);
    return tx.execute(
               "UPDATE totp_seed SET last_step = ? WHERE authenticator_id = ? AND last_step < ?",
               {number, value(id), number}
           ) == 1;
}

void activate(
    store::Tx& tx, const Moment& moment, const Authenticator& issued, const audit::Actor& holder
) {
    tx.execute(
        "UPDATE authenticator SET state = 'active', bound_at = ?, last_used_at = ? WHERE id = ?",
        {value(moment.now), value(moment.now), value(issued.id)}
    );
    write_bound(tx, moment, issued, holder);
}

void forget_issued(store::Tx& tx, const AuthenticatorId& id) {
    tx.execute("DELETE FROM totp_seed WHERE authenticator_id = ?", {value(id)});
    tx.execute("DELETE FROM authenticator WHERE id = ? AND state = 'issued'", {value(id)});
}

}  // namespace sallyport::authn
