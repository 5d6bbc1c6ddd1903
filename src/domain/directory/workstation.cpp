#include "domain/directory/workstation.h"

#include "base/crypto/crypto.h"
#include "domain/audit/log.h"

#include <algorithm>
#include <utility>

namespace sallyport::directory {

namespace {

using store::value;

constexpr std::size_t name_size_max = 64;
constexpr std::size_t token_size = 32;

constexpr std::string_view columns =
    "SELECT id, name, zone, registered_at, stands_until FROM workstation ";

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= name_size_max && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
    });
}

Bytes digest_of(BytesView token) {
    const auto digest = crypto::sha256(token);
    return {digest.begin(), digest.end()};
}

Workstation workstation_in(const store::Row& row) {
    return {
        .id = row.id<WorkstationId>(0),
        .name = row.text(1),
        .zone = row.text(2),
        .registered_at = row.time(3),
        .stands_until = row.is_null(4) ? std::nullopt : std::optional(row.time(4)),
    };
}

void append_event(
    store::Tx& tx,
    const Moment& moment,
    const audit::Actor& actor,
    std::string_view type,
    std::string verb,
    const Workstation& workstation
) {
    auto event =
        audit::event_by(actor, type, std::move(verb), "workstation:" + workstation.id.text());
    event.fields = {
        {.name = "name", .value = workstation.name},
        {.name = "zone", .value = workstation.zone},
    };
    audit::append(tx, moment, event);
}

}  // namespace

Result<RegisteredWorkstation> register_workstation(
    store::Tx& tx,
    const Moment& moment,
    const std::string& name,
    const std::string& zone,
    const audit::Actor& actor
) {
    if (!is_name(name)) return refuse(Refusal::invalid, "workstation.name");
    if (!tx.query("SELECT 1 FROM workstation WHERE name = ?", {name}).empty()) {
        return refuse(Refusal::conflict, "workstation.name_taken");
    }
    Workstation workstation{
        .id = WorkstationId::fresh(moment.now, moment.random),
        .name = name,
        .zone = zone,
        .registered_at = moment.now,
    };
    auto token = crypto::Secret::random(token_size);
    tx.execute(
        "INSERT INTO workstation (id, name, zone, token_digest, registered_by, registered_at) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        {value(workstation.id),
         name,
         zone,
         digest_of(token.expose()),
         value(actor.who.account),
         value(moment.now)}
    );
    append_event(tx, moment, actor, "workstation.registered", "register", workstation);
    return RegisteredWorkstation{std::move(workstation), std::move(token)};
}

std::optional<Workstation> find_workstation(store::Tx& tx, BytesView token, Time now) {
    const auto rows = tx.query(
        std::string(columns) +
            "WHERE token_digest = ? AND removed_at IS NULL "
            "AND (stands_until IS NULL OR stands_until > ?)",
        {digest_of(token), value(now)}
    );
    if (rows.empty()) return std::nullopt;
    return workstation_in(rows.front());
}

std::optional<Workstation> find_workstation(store::Tx& tx, const WorkstationId& id) {
    const auto rows =
        tx.query(std::string(columns) + "WHERE id = ? AND removed_at IS NULL", {value(id)});
    if (rows.empty()) return std::nullopt;
    return workstation_in(rows.front());
}

std::vector<Workstation> list_workstations(store::Tx& tx) {
    std::vector<Workstation> found;
    for (const auto& row :
         tx.query(std::string(columns) + "WHERE removed_at IS NULL ORDER BY name")) {
        found.push_back(workstation_in(row));
    }
    return found;
}

crypto::Secret renew_workstation_token(store::Tx& tx, const WorkstationId& id) {
    auto token = crypto::Secret::random(token_size);
    tx.execute(
        "UPDATE workstation SET token_digest = ? WHERE id = ?",
        {digest_of(token.expose()), value(id)}
    );
    return token;
}

void let_workstation_stand(store::Tx& tx, const WorkstationId& id, Time until) {
    tx.execute("UPDATE workstation SET stands_until = ? WHERE id = ?", {value(until), value(id)});
}

Result<void> remove_workstation(
    store::Tx& tx, const Moment& moment, const WorkstationId& id, const audit::Actor& actor
) {
    const auto found = find_workstation(tx, id);
    if (!found) return refuse(Refusal::not_found, "workstation.unknown");
    tx.execute(
        "UPDATE workstation SET removed_at = ? WHERE id = ?", {value(moment.now), value(id)}
    );
    append_event(tx, moment, actor, "workstation.removed", "remove", *found);
    return {};
}

}  // namespace sallyport::directory
