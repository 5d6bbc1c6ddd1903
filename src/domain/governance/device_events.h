#pragma once
// What the functions that administer devices share: their Permit, and how their events tell of a
// device.

#include "base/core/result.h"
#include "domain/audit/event.h"
#include "domain/directory/device.h"
#include "domain/policy/permit.h"

#include <optional>
#include <string>
#include <string_view>

namespace sallyport::governance {

// A Permit for device_manage, held by the actor; one that names a device is good for that one only.
// Refuses denied "device.wrong_permit".
[[nodiscard]] Result<void> check_device_permit(
    const policy::Permit& permit, const std::optional<DeviceId>& device, const audit::Actor& actor
);

[[nodiscard]] audit::Event device_event(
    const audit::Actor& actor,
    std::string_view type,
    std::string verb,
    const directory::Device& device
);

// Address, port and details, for the before and after of an event.
[[nodiscard]] std::string place_json(const directory::Device& device);

}  // namespace sallyport::governance
