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

}  // namespace

void insert_authenticator(
    store::Tx& tx, const Moment& moment, const NewAuthenticator& row, const audit::Actor& holder
) {
    tx.execute(
        "INSERT INTO authenticator (id, account_id, kind, state, bound_by, source, bound_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        {value(row.id),
         value(row.account),
         text_of(row.kind),
         text_of(row.state),
         value(row.bound_by),
         std::string(row.source),
         value(moment.now)}
    );
    if (row.state == AuthenticatorState::issued) return;
    auto event = audit::event_by(holder, "cred.bound", "bind", "account:" + row.account.text());
    event.fields = {
        {.name = "authenticator_id", .value = row.id.text()},
        {.name = "type", .value = text_of(row.kind)},
        {.name = "source", .value = std::string(row.source)},
        {.name = "bound_by", .value = row.bound_by ? row.bound_by->text() : "self"},
    };
    audit::append(tx, moment, event);
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

std::vector<SeedRow> seeds(store::Tx& tx, const AccountId& account, AuthenticatorState state) {
    const auto rows = tx.query(
        "SELECT a.id, s.sealed, s.algorithm, s.last_step FROM authenticator a "
        "JOIN totp_seed s ON s.authenticator_id = a.id "
        "WHERE a.account_id = ? AND a.kind = 'totp' AND a.state = ? ORDER BY a.id",
        {value(account), text_of(state)}
    );
    std::vector<SeedRow> found;
    found.reserve(rows.size());
    for (const auto& row : rows) {
        found.push_back({
            .id = row.id<AuthenticatorId>(0),
            .sealed = row.blob(1),
            .algorithm = totp_algorithm(row.text(2)),
            .last_step = static_cast<TotpStep>(row.integer(3)),
        });
    }
    return found;
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

void suspend_all(store::Tx& tx, const AccountId& account) {
    tx.execute(
        "UPDATE authenticator SET state = 'suspended' WHERE account_id = ? AND state = 'active'",
        {value(account)}
    );
}

}  // namespace sallyport::authn
