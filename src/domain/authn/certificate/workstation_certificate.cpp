#include "domain/authn/certificate/workstation_certificate.h"

#include "domain/audit/log.h"
#include "domain/authn/certificate/bound_card.h"
#include "domain/authn/certificate/certificate_lines.h"
#include "domain/authn/certificate/workstation_standing.h"

#include <optional>
#include <string>
#include <utility>

namespace sallyport::authn {

using directory::RegisteredWorkstation;
using directory::WorkstationId;
using store::value;

namespace {

void let_stand(
    store::Tx& tx,
    const Moment& moment,
    directory::Workstation& workstation,
    const PresentedCard& card
) {
    workstation.stands_until = standing_until(card, moment.now);
    directory::let_workstation_stand(tx, workstation.id, *workstation.stands_until);
}

}  // namespace

Result<RegisteredWorkstation> register_workstation(
    store::Tx& tx, const Moment& moment, const TakenCard& taken, const audit::Actor& actor
) {
    const auto& card = taken.card;
    if (is_bound(tx, card)) return refuse(Refusal::conflict, "card.bound");
    SP_TRY(auto made, directory::register_workstation(tx, moment, taken.label, taken.zone, actor));
    // A machine that was removed may come back under another name.
    tx.execute(
        "DELETE FROM workstation_certificate WHERE fingerprint = ? OR key_digest = ?",
        {card.fingerprint, card.key_digest}
    );
    tx.execute(
        "INSERT INTO workstation_certificate (workstation_id, fingerprint, key_digest, subject, "
        "certificates) VALUES (?, ?, ?, ?, ?)",
        {value(made.workstation.id),
         card.fingerprint,
         card.key_digest,
         card.subject,
         certificate_lines(card.shown)}
    );
    let_stand(tx, moment, made.workstation, card);
    return made;
}

Result<RegisteredWorkstation> recognise_workstation(
    store::Tx& tx, const Moment& moment, const PresentedCard& card, const audit::Actor& actor
) {
    const auto rows = tx.query(
        "SELECT workstation_id FROM workstation_certificate WHERE fingerprint = ?",
        {card.fingerprint}
    );
    auto known = rows.empty() ? std::nullopt
                              : directory::find_workstation(tx, rows.front().id<WorkstationId>(0));
    if (!known) return refuse(Refusal::denied, "workstation.not_recognised");
    auto token = directory::renew_workstation_token(tx, known->id);
    tx.execute(
        "UPDATE workstation_certificate SET certificates = ?, refused = '' "
        "WHERE workstation_id = ?",
        {certificate_lines(card.shown), value(known->id)}
    );
    let_stand(tx, moment, *known, card);
    auto event = audit::event_by(
        actor, "workstation.recognised", "recognise", "workstation:" + known->id.text()
    );
    event.fields = {
        {.name = "name", .value = known->name},
        {.name = "zone", .value = known->zone},
    };
    audit::append(tx, moment, event);
    return RegisteredWorkstation{.workstation = *std::move(known), .token = std::move(token)};
}

}  // namespace sallyport::authn
