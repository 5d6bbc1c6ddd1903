#include "domain/authn/authenticator.h"

#include "base/core/fault.h"
#include "domain/audit/log.h"
#include "domain/directory/text_rules.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace sallyport::authn {

using store::value;

namespace {

constexpr std::array<std::string_view, 7> kind_texts = {
    "passphrase",
    "totp",
    "webauthn",
    "push",
    "certificate",
    "badge",
    "recovery_codes",
};
constexpr std::array<std::string_view, 6> state_texts = {
    "issued", "bound", "active", "suspended", "expired", "revoked"
};
constexpr std::array<std::string_view, 5> cause_texts = {
    "lost", "compromised", "replaced", "account_closed", "admin"
};

template <class Enum, std::size_t Size>
Enum read(const std::array<std::string_view, Size>& texts, std::string_view text) {
    const auto found = std::ranges::find(texts, text);
    if (found == texts.end()) throw Fault("an authenticator row holds a word that is not known");
    return static_cast<Enum>(found - texts.begin());
}

constexpr std::string_view columns =
    "SELECT a.id, a.account_id, a.kind, a.state, a.label, a.serial, a.bound_by, a.source, "
    "a.bound_at, a.last_used_at, a.expires_at, a.suspended_at, a.suspended_by, a.revoked_at, "
    "(SELECT COUNT(*) FROM recovery_code c WHERE c.authenticator_id = a.id AND c.used_at IS NULL), "
    "(SELECT COUNT(*) FROM webauthn_credential w WHERE w.authenticator_id = a.id AND "
    "w.backup_eligible = 1) + (SELECT COUNT(*) FROM certificate_credential k "
    "WHERE k.authenticator_id = a.id AND k.key_in_hardware = 0), "
    "(SELECT COUNT(*) FROM certificate_credential k "
    "WHERE k.authenticator_id = a.id AND k.pin_asked = 0), "
    "(SELECT COUNT(*) FROM webauthn_credential w WHERE w.authenticator_id = a.id AND "
    "w.user_verified = 1), "
    "(SELECT COUNT(*) FROM webauthn_credential w WHERE w.authenticator_id = a.id AND "
    "w.model_attested = 1) FROM authenticator a ";

Authenticator read_row(const store::Row& row) {
    return {
        .id = row.id<AuthenticatorId>(0),
        .account = row.id<AccountId>(1),
        .kind = read<AuthenticatorKind>(kind_texts, row.text(2)),
        .state = read<AuthenticatorState>(state_texts, row.text(3)),
        .label = row.text(4),
        .serial = row.text(5),
        .bound_by = row.maybe_id<AccountId>(6),
        .source = row.text(7),
        .bound_at = row.time(8),
        .last_used_at = row.maybe_time(9),
        .expires_at = row.maybe_time(10),
        .suspended_at = row.maybe_time(11),
        .suspended_by = row.maybe_id<AccountId>(12),
        .revoked_at = row.maybe_time(13),
        .left = row.integer(14),
        .can_be_copied = row.integer(15) != 0,
        .is_one_factor = row.integer(16) != 0,
        .checks_holder = row.integer(17) != 0,
        .model_attested = row.integer(18) != 0,
    };
}

std::vector<Authenticator> select(
    store::Tx& tx, std::string_view condition, const std::vector<store::Value>& values
) {
    const auto sql = std::string(columns) + std::string(condition) + " ORDER BY a.account_id, a.id";
    std::vector<Authenticator> found;
    for (const auto& row : tx.query(sql, values)) {
        found.push_back(read_row(row));
    }
    return found;
}

Result<Authenticator> require_known(store::Tx& tx, const AuthenticatorId& id) {
    auto found = find_authenticator(tx, id);
    if (!found) return refuse(Refusal::not_found, "authenticator.unknown");
    return *std::move(found);
}

Result<Authenticator> require_unrevoked(store::Tx& tx, const AuthenticatorId& id) {
    SP_TRY(auto found, require_known(tx, id));
    if (found.state == AuthenticatorState::revoked) {
        return refuse(Refusal::conflict, "authenticator.revoked");
    }
    return found;
}

void write_event(
    store::Tx& tx,
    const Moment& moment,
    const audit::Actor& actor,
    std::string_view type,
    std::string verb,
    const Authenticator& about,
    std::vector<audit::Field> more = {}
) {
    auto event = audit::event_by(actor, type, std::move(verb), "account:" + about.account.text());
    event.fields = {
        {.name = "authenticator_id", .value = about.id.text()},
        {.name = "type", .value = std::string(to_text(about.kind))},
    };
    std::ranges::move(more, std::back_inserter(event.fields));
    audit::append(tx, moment, event);
}

}  // namespace

std::string_view to_text(AuthenticatorKind kind) noexcept {
    return kind_texts[static_cast<std::size_t>(kind)];
}

std::string_view to_text(AuthenticatorState state) noexcept {
    return state_texts[static_cast<std::size_t>(state)];
}

std::string_view to_text(RevokeCause cause) noexcept {
    return cause_texts[static_cast<std::size_t>(cause)];
}

std::vector<Authenticator> list_authenticators(store::Tx& tx, const AccountId& account) {
    return select(tx, "WHERE a.account_id = ?", {value(account)});
}

std::vector<Authenticator> list_authenticators_between(
    store::Tx& tx, const AccountId& first, const AccountId& last
) {
    return select(tx, "WHERE a.account_id >= ? AND a.account_id <= ?", {value(first), value(last)});
}

std::optional<Authenticator> find_authenticator(store::Tx& tx, const AuthenticatorId& id) {
    auto found = select(tx, "WHERE a.id = ?", {value(id)});
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
}

Result<void> rename_authenticator(
    store::Tx& tx,
    const Moment& moment,
    const AuthenticatorId& id,
    std::string_view label,
    const audit::Actor& actor
) {
    if (!directory::is_clean_text(label, 1, authenticator_label_max)) {
        return refuse(Refusal::invalid, "authenticator.label_malformed");
    }
    SP_TRY(const auto found, require_unrevoked(tx, id));
    tx.execute("UPDATE authenticator SET label = ? WHERE id = ?", {std::string(label), value(id)});
    write_event(tx, moment, actor, "cred.renamed", "rename", found);
    return {};
}

Result<void> suspend_authenticator(
    store::Tx& tx,
    const Moment& moment,
    const AuthenticatorId& id,
    const audit::Actor& actor,
    const std::optional<AccountId>& administrator
) {
    SP_TRY(const auto found, require_known(tx, id));
    const bool taken_over =
        administrator && !found.suspended_by && found.state == AuthenticatorState::suspended;
    if (found.state != AuthenticatorState::active && !taken_over) {
        return refuse(Refusal::conflict, "authenticator.not_active");
    }
    tx.execute(
        "UPDATE authenticator SET state = 'suspended', suspended_at = ?, suspended_by = ?, "
        "suspended_before = ? WHERE id = ?",
        {value(moment.now), value(administrator), std::int64_t{taken_over}, value(id)}
    );
    write_event(tx, moment, actor, "cred.suspended", "suspend", found);
    return {};
}

Result<void> resume_authenticator(
    store::Tx& tx, const Moment& moment, const AuthenticatorId& id, const audit::Actor& actor
) {
    SP_TRY(const auto found, require_known(tx, id));
    if (found.state != AuthenticatorState::suspended) {
        return refuse(Refusal::conflict, "authenticator.not_suspended");
    }
    if (found.expires_at && moment.now >= *found.expires_at) {
        return refuse(Refusal::conflict, "authenticator.expired");
    }
    const auto before =
        tx.query("SELECT suspended_before FROM authenticator WHERE id = ?", {value(id)});
    if (before.front().integer(0) != 0) {
        tx.execute(
            "UPDATE authenticator SET suspended_by = NULL, suspended_before = 0 WHERE id = ?",
            {value(id)}
        );
        write_event(tx, moment, actor, "cred.suspended", "hand_back", found);
        return {};
    }
    tx.execute(
        "UPDATE authenticator SET state = 'active', suspended_at = NULL, suspended_by = NULL "
        "WHERE id = ?",
        {value(id)}
    );
    write_event(tx, moment, actor, "cred.resumed", "resume", found);
    return {};
}

Result<void> set_expiry(
    store::Tx& tx,
    const Moment& moment,
    const AuthenticatorId& id,
    std::optional<Time> expires_at,
    const audit::Actor& actor
) {
    if (expires_at && *expires_at <= moment.now) {
        return refuse(Refusal::invalid, "authenticator.expiry_past");
    }
    SP_TRY(const auto found, require_unrevoked(tx, id));
    if (found.kind == AuthenticatorKind::passphrase && expires_at) {
        return refuse(Refusal::invalid, "authenticator.never_expires");
    }
    const bool was_over = found.state == AuthenticatorState::expired;
    tx.execute(
        "UPDATE authenticator SET expires_at = ?, expiry_warned_days = NULL, state = ? "
        "WHERE id = ?",
        {value(expires_at),
         std::string(to_text(was_over ? AuthenticatorState::active : found.state)),
         value(id)}
    );
    auto until = expires_at ? sallyport::to_text(*expires_at) : std::string("never");
    write_event(
        tx,
        moment,
        actor,
        "cred.expiry_set",
        "set_expiry",
        found,
        {{.name = "expires_at", .value = std::move(until)}}
    );
    return {};
}

Result<void> revoke_authenticator(
    store::Tx& tx,
    const Moment& moment,
    const AuthenticatorId& id,
    RevokeCause cause,
    const audit::Actor& actor
) {
    SP_TRY(const auto found, require_unrevoked(tx, id));
    tx.execute(
        "UPDATE authenticator SET state = 'revoked', revoked_at = ?, revoke_cause = ? "
        "WHERE id = ?",
        {value(moment.now), std::string(to_text(cause)), value(id)}
    );
    write_event(
        tx,
        moment,
        actor,
        "cred.revoked",
        "revoke",
        found,
        {{.name = "cause", .value = std::string(to_text(cause))}}
    );
    return {};
}

std::int64_t revoke_all_authenticators(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account,
    RevokeCause cause,
    const audit::Actor& actor
) {
    std::int64_t count = 0;
    for (const auto& each : list_authenticators(tx, account)) {
        if (revoke_authenticator(tx, moment, each.id, cause, actor)) ++count;
    }
    return count;
}

}  // namespace sallyport::authn
