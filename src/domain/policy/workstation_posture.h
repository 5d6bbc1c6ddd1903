#pragma once
// What is kept of the devices that people sit at, and what is known of where somebody is: the one
// place where it is gathered, so that no way in forgets a part of it.

#include "base/core/moment.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
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

// Nothing is written down: the caller appends posture_reported(), by whoever reports.
[[nodiscard]] PostureImport import_posture(
    store::Tx& tx, const std::vector<PostureReport>& reports
);

// Its fields for workstation.posture_reported. One event for all workstations: most reports say
// again what was known, every hour; what a session was given or refused for is in its own event.
[[nodiscard]] std::vector<audit::Field> fields_of(const PostureImport& import);

// By name; none of one that is not registered, or of which nobody said anything.
[[nodiscard]] std::optional<PostureClaims> posture_of(
    store::Tx& tx, const std::string& workstation
);

// `where.workstation` as the request's token showed it, `where.country` of its address.
[[nodiscard]] ContextFacts facts_at(
    store::Tx& tx, const Policy& policy, const audit::Where& where, Time now
);

}  // namespace sallyport::policy
