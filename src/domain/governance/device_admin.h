#pragma once
// Administering devices: each function takes a Permit for device_manage and writes its event in the
// transaction of its change.

#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/directory/device.h"
#include "domain/directory/device_address.h"
#include "domain/policy/permit.h"

#include <cstdint>
#include <span>
#include <string>

namespace sallyport::governance {

// Where the server itself is, so that no device can be registered there.
struct DeviceNetwork {
    directory::AddressRules rules = directory::AddressRules::strict;
    std::span<const directory::Listener> own;
};

// Refuses denied "device.wrong_permit", "device.address_forbidden", "device.address_own", and what
// directory::create_device() refuses. Writes device.registered.
[[nodiscard]] Result<directory::Device> register_device(
    store::Tx& tx,
    const Moment& moment,
    const policy::Permit& permit,
    const directory::NewDevice& wanted,
    const DeviceNetwork& network,
    const audit::Actor& actor
);

struct DevicePlace {
    std::string address;
    std::uint16_t port = 0;
    directory::DeviceDetails details;
};

// All of it anew. Refuses denied "device.wrong_permit", "device.address_forbidden",
// "device.address_own"; invalid "device.address_malformed"; not_found "device.unknown",
// "device_group.unknown"; conflict "device.retired". Writes device.modified. The caller cuts the
// device's leases if it moved.
[[nodiscard]] Result<directory::Device> change_place(
    store::Tx& tx,
    const Moment& moment,
    const policy::Permit& permit,
    const DeviceId& device,
    const DevicePlace& place,
    const DeviceNetwork& network,
    const audit::Actor& actor
);

// Refuses denied "device.wrong_permit", not_found "device.unknown", conflict "device.retired",
// invalid "device_profile.malformed". Writes device.modified. Requests are judged by the new
// profile from the commit on.
[[nodiscard]] Result<directory::Device> change_profile(
    store::Tx& tx,
    const Moment& moment,
    const policy::Permit& permit,
    const DeviceId& device,
    const directory::DeviceProfile& profile,
    const audit::Actor& actor
);

// For ever: name and serial stay taken, no grant for it opens anything (open_grant()). The caller
// cuts the device's leases. Refuses as change_profile() does. Writes device.retired.
[[nodiscard]] Result<directory::Device> retire_device(
    store::Tx& tx,
    const Moment& moment,
    const policy::Permit& permit,
    const DeviceId& device,
    const audit::Actor& actor
);

}  // namespace sallyport::governance
