#include "domain/policy/workstation_posture.h"

#include "domain/audit/log.h"
#include "domain/policy/policy.h"

namespace sallyport::policy {

namespace {

using store::value;

void keep(store::Tx& tx, const std::string& workstation, const PostureClaims& claims) {
    tx.execute("DELETE FROM workstation_posture WHERE workstation_id = ?", {workstation});
    tx.execute(
        "INSERT INTO workstation_posture (workstation_id, disk_encrypted, os, os_version, "
        "reported_at) VALUES (?, ?, ?, ?, ?)",
        {workstation,
         std::int64_t{claims.disk_encrypted},
         claims.os,
         claims.os_version,
         value(claims.reported_at)}
    );
}

PostureImport keep_all(store::Tx& tx, const std::vector<PostureReport>& reports) {
    PostureImport import;
    for (const auto& report : reports) {
        const auto rows = tx.query(
            "SELECT id FROM workstation WHERE name = ? AND removed_at IS NULL", {report.workstation}
        );
        if (rows.empty()) {
            import.unknown.push_back(report.workstation);
            continue;
        }
        const auto kept = posture_of(tx, report.workstation);
        if (kept && kept->reported_at >= report.claims.reported_at) {
            ++import.outdated;
            continue;
        }
        keep(tx, rows.front().text(0), report.claims);
        ++import.taken;
    }
    return import;
}

template <class By>
PostureImport import_by(
    store::Tx& tx, const Moment& moment, const std::vector<PostureReport>& reports, const By& by
) {
    auto import = keep_all(tx, reports);
    auto event = audit::event_by(by, "workstation.posture_reported", "import", "workstations");
    event.fields.push_back({.name = "taken", .value = import.taken});
    event.fields.push_back({.name = "outdated", .value = import.outdated});
    event.fields.push_back(
        {.name = "unknown", .value = static_cast<std::int64_t>(import.unknown.size())}
    );
    audit::append(tx, moment, event);
    return import;
}

}  // namespace

PostureImport import_posture(
    store::Tx& tx,
    const Moment& moment,
    const std::vector<PostureReport>& reports,
    const audit::Actor& by
) {
    return import_by(tx, moment, reports, by);
}

PostureImport import_posture(
    store::Tx& tx,
    const Moment& moment,
    const std::vector<PostureReport>& reports,
    const audit::HostCommand& by
) {
    return import_by(tx, moment, reports, by);
}

std::optional<PostureClaims> posture_of(store::Tx& tx, const std::string& workstation) {
    const auto rows = tx.query(
        "SELECT p.disk_encrypted, p.os, p.os_version, p.reported_at FROM workstation_posture p "
        "JOIN workstation w ON w.id = p.workstation_id WHERE w.name = ? AND w.removed_at IS NULL",
        {workstation}
    );
    if (rows.empty()) return std::nullopt;
    const auto& row = rows.front();
    return PostureClaims{
        .disk_encrypted = row.integer(0) != 0,
        .os = row.text(1),
        .os_version = row.text(2),
        .reported_at = row.time(3),
    };
}

ContextFacts facts_at(store::Tx& tx, const Policy& policy, const audit::Where& where, Time now) {
    return context_facts(policy, where, posture_of(tx, where.workstation), now);
}

}  // namespace sallyport::policy
