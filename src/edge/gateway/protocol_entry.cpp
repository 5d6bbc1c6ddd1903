#include "edge/gateway/protocol_entry.h"

#include "base/core/fault.h"
#include "domain/audit/catalogue.h"

#include <array>
#include <string>

namespace sallyport::gateway {

namespace {

constexpr std::array entries{http_entry};

}  // namespace

std::span<const ProtocolEntry> protocol_entries() noexcept {
    return entries;
}

void check_whole(const ProtocolEntry& entry) {
    const auto name = "protocol " + std::string(entry.protocol);
    if (entry.protocol.empty()) throw Fault("a protocol entry has no name");
    if (!entry.permission) {
        throw Fault(name + " declares no permission; every entry needs one");
    }
    // Only for this one does decide() look at a grant.
    if (*entry.permission != policy::Permission::device_visit) {
        throw Fault(name + " names a permission that asks for no grant");
    }
    if (!entry.step_up) throw Fault(name + " does not say whether it asks for step-up");
    for (const auto event : {entry.opened_event, entry.refused_event}) {
        if (audit::find_type(event) == nullptr) {
            throw Fault(name + " names an audit event that the catalogue does not have");
        }
    }
}

}  // namespace sallyport::gateway
