#include "domain/authn/certificate/workstation_standing.h"

#include "base/core/fault.h"
#include "domain/audit/log.h"
#include "domain/authn/certificate/certificate_lines.h"
#include "domain/authn/certificate/revocation_policy.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace sallyport::authn {

namespace {

using directory::WorkstationId;
using store::value;

struct ToJudge {
    WorkstationId id;
    std::string certificates;
};

std::vector<ToJudge> workstations_to_judge(store::Tx& tx) {
    std::vector<ToJudge> found;
    for (const auto& row :
         tx.query("SELECT m.workstation_id, m.certificates FROM workstation_certificate m "
                  "JOIN workstation w ON w.id = m.workstation_id "
                  "WHERE w.removed_at IS NULL AND m.certificates <> '' ORDER BY w.name")) {
        found.push_back({.id = row.id<WorkstationId>(0), .certificates = row.text(1)});
    }
    return found;
}

// What can't be read any more is no yes, and keeps nobody after it from being judged.
Result<PresentedCard> judge_kept(
    const std::string& lines,
    const CertificateTrust& trust,
    const AskResponder& ask,
    const Moment& moment
) {
    std::vector<Bytes> shown;
    try {
        shown = certificates_in(lines);
    } catch (const Fault& damaged) {
        return refuse(Refusal::invalid, "certificate.damaged", damaged.what());
    }
    return judge_certificate(shown, trust, ask, moment);
}

void write_judgement(
    store::Tx& tx,
    const Moment& moment,
    const directory::Workstation& workstation,
    std::string_view reason,
    Time until
) {
    auto event = audit::event_by(
        audit::system_actor("workstation-certificates"),
        "workstation.certificate_judged",
        "judge",
        "workstation:" + workstation.id.text()
    );
    if (!reason.empty()) {
        event.outcome = audit::Outcome::refused;
        event.reason = reason;
    }
    event.fields = {
        {.name = "name", .value = workstation.name},
        {.name = "stands_until", .value = to_text(until)},
    };
    audit::append(tx, moment, event);
}

void settle_judgement(
    store::Tx& tx, const Moment& moment, const ToJudge& judged, const Result<PresentedCard>& found
) {
    // Recognised with another certificate meanwhile: that judgement is the newer one.
    const auto rows = tx.query(
        "SELECT refused FROM workstation_certificate WHERE workstation_id = ? AND certificates = ?",
        {value(judged.id), judged.certificates}
    );
    const auto workstation = directory::find_workstation(tx, judged.id);
    if (rows.empty() || !workstation) return;
    const std::string_view reason = found ? std::string_view() : found.error().reason;
    auto until = workstation->stands_until.value_or(moment.now);
    if (found) {
        until = standing_until(*found, moment.now);
    } else if (!is_lack_of_news(reason)) {
        until = std::min(until, moment.now);
    } else {
        // Not longer than that either where the clock was ahead at the last good one.
        until = std::min<Time>(until, moment.now + standing_max);
    }
    directory::let_workstation_stand(tx, judged.id, until);
    if (rows.front().text(0) == reason) return;
    tx.execute(
        "UPDATE workstation_certificate SET refused = ? WHERE workstation_id = ?",
        {std::string(reason), value(judged.id)}
    );
    write_judgement(tx, moment, *workstation, reason, until);
}

}  // namespace

Time standing_until(const PresentedCard& card, Time now) {
    return std::min<Time>(card.valid_until, now + standing_max);
}

std::map<WorkstationId, Standing> standings(store::Tx& tx) {
    std::map<WorkstationId, Standing> found;
    for (const auto& row :
         tx.query("SELECT w.id, w.stands_until, m.refused FROM workstation_certificate m "
                  "JOIN workstation w ON w.id = m.workstation_id "
                  "WHERE w.removed_at IS NULL AND w.stands_until IS NOT NULL")) {
        found.emplace(
            row.id<WorkstationId>(0), Standing{.until = row.time(1), .refused = row.text(2)}
        );
    }
    return found;
}

void judge_workstations(
    store::Database& database,
    const MomentSource& moments,
    const CertificateTrust& trust,
    const AskResponder& ask,
    const std::atomic<bool>& stopping
) {
    const auto all = database.read([](store::Tx& tx) { return workstations_to_judge(tx); });
    for (const auto& each : all) {
        // A clock that can't be believed says of no certificate whether it is over.
        if (stopping.load() || moments.now().clock == ClockState::behind) return;
        const auto found = judge_kept(each.certificates, trust, ask, moments.now());
        const auto moment = moments.now();
        database.write([&](store::Tx& tx) { settle_judgement(tx, moment, each, found); });
    }
}

}  // namespace sallyport::authn
