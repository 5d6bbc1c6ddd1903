#pragma once
// Workstations of clinical areas, registered by an administrator who sits at them. Their browser
// holds a token: 256 random bits, kept here as a digest.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/crypto/secret.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"

#include <optional>
#include <string>
#include <vector>

namespace sallyport::directory {

using WorkstationId = Id<struct WorkstationKind>;

struct Workstation {
    WorkstationId id;
    std::string name;  // a-z 0-9 _ . -, at most 64; never used again
    std::string zone;  // of the policy, where it stands
    Time registered_at;
    // Of one that is known by a certificate: its browser's token is worth nothing from then on,
    // unless it is let stand longer. None: until it is removed.
    std::optional<Time> stands_until = std::nullopt;
};

struct RegisteredWorkstation {
    Workstation workstation;
    crypto::Secret token;  // 32 bytes; given to its browser, once
};

// Refuses invalid "workstation.name"; conflict "workstation.name_taken". Writes
// workstation.registered. The caller has made sure that the zone is one of the policy's.
[[nodiscard]] Result<RegisteredWorkstation> register_workstation(
    store::Tx& tx,
    const Moment& moment,
    const std::string& name,
    const std::string& zone,
    const audit::Actor& actor
);

// Those that were not removed; by its browser's token, one that stands at that time.
[[nodiscard]] std::optional<Workstation> find_workstation(store::Tx& tx, BytesView token, Time now);
[[nodiscard]] std::optional<Workstation> find_workstation(store::Tx& tx, const WorkstationId& id);
[[nodiscard]] std::vector<Workstation> list_workstations(store::Tx& tx);

// Another token in the place of the one that its browser had. The caller writes down why.
[[nodiscard]] crypto::Secret renew_workstation_token(store::Tx& tx, const WorkstationId& id);

// The caller writes down why.
void let_workstation_stand(store::Tx& tx, const WorkstationId& id, Time until);

// Its token is worth nothing any more. Refuses not_found "workstation.unknown". Writes
// workstation.removed.
[[nodiscard]] Result<void> remove_workstation(
    store::Tx& tx, const Moment& moment, const WorkstationId& id, const audit::Actor& actor
);

}  // namespace sallyport::directory
