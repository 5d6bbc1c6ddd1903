#pragma once
// Administering asset groups: each function takes a Permit for device_manage and writes its event
// in the transaction of its change.

#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/directory/device_group.h"
#include "domain/policy/permit.h"

#include <vector>

namespace sallyport::governance {

// Refuses denied "device.wrong_permit", and what directory::create_device_group() refuses. Writes
// device_group.created.
[[nodiscard]] Result<directory::DeviceGroup> create_group(
    store::Tx& tx,
    const Moment& moment,
    const policy::Permit& permit,
    const directory::NewDeviceGroup& wanted,
    const audit::Actor& actor
);

struct ChangedGroup {
    directory::DeviceGroup group;
    std::vector<DeviceId> members;  // whose profile changed: their open visits are to be cut
};

// All of it anew, found by the name in `wanted`. A profile that is there and differs becomes every
// member's. Refuses likewise, and not_found "device_group.unknown". Writes device_group.modified,
// and device.modified for each member whose profile changed.
[[nodiscard]] Result<ChangedGroup> change_group(
    store::Tx& tx,
    const Moment& moment,
    const policy::Permit& permit,
    const directory::NewDeviceGroup& wanted,
    const audit::Actor& actor
);

}  // namespace sallyport::governance
