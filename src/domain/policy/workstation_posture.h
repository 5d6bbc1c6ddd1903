#pragma once
// What is kept of the devices that people sit at, and what is known of where somebody is: the one
// place where it is gathered, so that no way in forgets a part of it.

#include "base/core/moment.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/audit/host_command.h"
#include "domain/policy/context.h"
#include "domain/policy/posture_report.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sallyport::policy {

struct PostureImport {
    std::int64_t taken = 0;
    std::int64_t outdated = 0;         // not newer than what is kept
    std::vector<std::string> unknown;  // names that no registered workstation has
};

// The one way in, for whoever reports: over the API, or by a command on the host. Writes
// workstation.posture_reported, one for all workstations: most reports say again what was known,
// every hour; what a session was given or refused for is in its own event.
[[nodiscard]] PostureImport import_posture(
    store::Tx& tx,
    const Moment& moment,
    const std::vector<PostureReport>& reports,
    const audit::Actor& by
);
[[nodiscard]] PostureImport import_posture(
    store::Tx& tx,
    const Moment& moment,
    const std::vector<PostureReport>& reports,
    const audit::HostCommand& by
);

// By name; none of one that is not registered, or of which nobody said anything.
[[nodiscard]] std::optional<PostureClaims> posture_of(
    store::Tx& tx, const std::string& workstation
);

// `where.workstation` as the request's token showed it, `where.country` of its address.
[[nodiscard]] ContextFacts facts_at(
    store::Tx& tx, const Policy& policy, const audit::Where& where, Time now
);

}  // namespace sallyport::policy
