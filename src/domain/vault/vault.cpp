#include "domain/vault/vault.h"

#include "base/core/fault.h"
#include "domain/audit/log.h"
#include "domain/directory/device.h"
#include "domain/directory/text_rules.h"

#include <fmt/format.h>

#include <utility>

namespace sallyport::vault {

namespace {

constexpr std::size_t secret_size_max = 1024;
constexpr std::size_t user_name_size_max = 255;
// Shorter ones turn up in answers by chance, so that masking them would garble what is honest.
constexpr std::size_t maskable_size_min = 6;

constexpr std::string_view kind_text = "http_basic";

constexpr std::string_view item_columns =
    "SELECT id, device_id, kind, user_name, version, unmaskable, stored_by, stored_at "
    "FROM vault_item ";

Item item_in(const store::Row& row) {
    if (row.text(2) != kind_text) throw Fault("unknown kind of vault item: " + row.text(2));
    return {
        .id = row.id<VaultItemId>(0),
        .device = row.id<DeviceId>(1),
        .kind = CredentialKind::http_basic,
        .user_name = row.text(3),
        .version = row.integer(4),
        .unmaskable = row.integer(5) != 0,
        .stored_by = row.id<AccountId>(6),
        .stored_at = row.time(7),
    };
}

std::optional<Item> item_of(store::Tx& tx, const DeviceId& device) {
    const auto rows =
        tx.query(std::string(item_columns) + "WHERE device_id = ?", {store::value(device)});
    if (rows.empty()) return std::nullopt;
    return item_in(rows.front());
}

// What the ciphertext is bound to: this row, for this device, in this version, under this name. Any
// of them changed, and it does not open.
std::string bound_to(const Item& item) {
    return fmt::format(
        "vault_item {} device {} version {} {} unmaskable {} user {}",
        item.id.text(),
        item.device.text(),
        item.version,
        kind_text,
        item.unmaskable ? 1 : 0,
        item.user_name
    );
}

bool is_user_name(const std::string& text) {
    return directory::is_clean_text(text, 0, user_name_size_max) &&
           text.find(':') == std::string::npos;
}

Result<void> check_storable(
    store::Tx& tx, const DeviceId& device, const std::string& user_name, std::size_t size
) {
    if (size == 0) return refuse(Refusal::invalid, "vault.secret_empty");
    if (size > secret_size_max) return refuse(Refusal::invalid, "vault.secret_too_long");
    if (!is_user_name(user_name)) return refuse(Refusal::invalid, "vault.user_name_malformed");
    const auto found = directory::find_device(tx, device);
    if (!found) return refuse(Refusal::not_found, "device.unknown");
    if (found->state == directory::DeviceState::retired) {
        return refuse(Refusal::conflict, "device.retired");
    }
    return {};
}

void write_item(store::Tx& tx, const Item& item, const Bytes& sealed, std::int64_t key_version) {
    tx.execute(
        "INSERT INTO vault_item (id, device_id, kind, user_name, version, key_version, sealed, "
        "unmaskable, stored_by, stored_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (device_id) DO UPDATE SET user_name = excluded.user_name, "
        "version = excluded.version, key_version = excluded.key_version, sealed = excluded.sealed, "
        "unmaskable = excluded.unmaskable, stored_by = excluded.stored_by, "
        "stored_at = excluded.stored_at",
        {store::value(item.id),
         store::value(item.device),
         std::string(kind_text),
         item.user_name,
         item.version,
         key_version,
         sealed,
         std::int64_t{item.unmaskable ? 1 : 0},
         store::value(item.stored_by),
         store::value(item.stored_at)}
    );
    tx.execute(
        "INSERT INTO vault_keeper (device_id, version, account_id, stored_at) VALUES (?, ?, ?, ?)",
        {store::value(item.device),
         item.version,
         store::value(item.stored_by),
         store::value(item.stored_at)}
    );
}

audit::Event event_about(
    const audit::Actor& actor, std::string_view type, std::string verb, const Item& item
) {
    auto event = audit::event_by(actor, type, std::move(verb), "vault_item:" + item.id.text());
    event.fields.push_back({"device", item.device.text()});
    event.fields.push_back({"version", item.version});
    return event;
}

// The Permit must be for a visit under a grant, and the actor the one it was made for: same
// account, same session.
Result<void> check_visit_permit(const policy::Permit& permit, const audit::Actor& actor, Time now) {
    const bool fits = permit.action() == policy::Permission::device_visit && permit.device() &&
                      permit.grant() && actor.who.account == permit.account() &&
                      actor.who.person == permit.person() && actor.session == permit.session();
    if (!fits) return refuse(Refusal::denied, "vault.wrong_permit");
    if (now >= permit.ends_at()) return refuse(Refusal::expired, "vault.permit_over");
    return {};
}

Result<Item> item_for_visit(
    store::Tx& tx, const Moment& moment, const policy::Permit& permit, const audit::Actor& actor
) {
    SP_CHECK(check_visit_permit(permit, actor, moment.now));
    auto item = item_of(tx, *permit.device());
    if (!item) return refuse(Refusal::not_found, "vault.no_secret");
    return *std::move(item);
}

void append_denied(
    store::Tx& tx,
    const Moment& moment,
    const policy::Permit& permit,
    const audit::Actor& actor,
    std::string_view reason
) {
    const auto object = permit.device() ? "device:" + permit.device()->text() : "vault";
    auto event = audit::event_by(actor, "vault.checkout_denied", "lend", object);
    event.outcome = audit::Outcome::refused;
    event.reason = reason;
    event.grant = permit.grant();
    audit::append(tx, moment, event);
}

}  // namespace

std::vector<AccountId> secret_keepers(store::Tx& tx, const DeviceId& device) {
    std::vector<AccountId> keepers;
    const auto rows = tx.query(
        "SELECT DISTINCT account_id FROM vault_keeper WHERE device_id = ? ORDER BY account_id",
        {store::value(device)}
    );
    keepers.reserve(rows.size());
    for (const auto& row : rows) {
        keepers.push_back(row.id<AccountId>(0));
    }
    return keepers;
}

Result<Item> Vault::put(
    store::Tx& tx,
    const Moment& moment,
    const policy::Permit& permit,
    const DeviceId& device,
    const std::string& user_name,
    const crypto::Secret& password,
    const audit::Actor& actor
) const {
    if (permit.action() != policy::Permission::vault_manage || permit.device() != device ||
        actor.who.account != permit.account()) {
        return refuse(Refusal::denied, "vault.wrong_permit");
    }
    SP_CHECK(check_storable(tx, device, user_name, password.size()));

    const auto before = item_of(tx, device);
    Item item{
        .id = before ? before->id : VaultItemId::fresh(moment.now, moment.random),
        .device = device,
        .kind = CredentialKind::http_basic,
        .user_name = user_name,
        .version = before ? before->version + 1 : 1,
        .unmaskable = password.size() < maskable_size_min,
        .stored_by = permit.account(),
        .stored_at = moment.now,
    };
    const auto sealed = keys_.seal(keys::Purpose::vault_item, bound_to(item), password.expose());
    write_item(tx, item, sealed, keys_.version());

    auto event = event_about(actor, "vault.secret_stored", before ? "replace" : "store", item);
    event.fields.push_back({"unmaskable", item.unmaskable});
    audit::append(tx, moment, event);
    return item;
}

Result<LentCredential> Vault::lend(
    store::Tx& tx,
    const Moment& moment,
    const policy::Permit& permit,
    const ConnectionId& connection,
    const audit::Actor& actor
) const {
    auto item = item_for_visit(tx, moment, permit, actor);
    if (!item) {
        append_denied(tx, moment, permit, actor, item.error().reason);
        return std::unexpected(std::move(item).error());
    }
    const auto rows =
        tx.query("SELECT sealed FROM vault_item WHERE id = ?", {store::value(item->id)});
    auto password = keys_.unseal(keys::Purpose::vault_item, bound_to(*item), rows.at(0).blob(0));

    auto event = event_about(actor, "vault.secret_used", "lend", *item);
    event.grant = permit.grant();
    event.session = permit.session();
    event.fields.push_back({"connection", connection.text()});
    audit::append(tx, moment, event);
    return LentCredential{
        .kind = item->kind,
        .user_name = item->user_name,
        .password = std::move(password),
        .unmaskable = item->unmaskable,
    };
}

std::optional<Item> Vault::find(store::Tx& tx, const DeviceId& device) const {
    return item_of(tx, device);
}

std::vector<Item> Vault::list(store::Tx& tx) const {
    std::vector<Item> items;
    for (const auto& row : tx.query(std::string(item_columns) + "ORDER BY stored_at, id")) {
        items.push_back(item_in(row));
    }
    return items;
}

}  // namespace sallyport::vault
