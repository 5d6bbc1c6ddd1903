#pragma once
// A table of devices into the register: all of it, or nothing and everything that is wrong with it.

#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/directory/device_group.h"
#include "domain/directory/fleet_csv.h"
#include "domain/governance/device_admin.h"
#include "domain/policy/permit.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::governance {

struct FleetImport {
    bool applied = false;  // false: a trial, or there are problems; nothing was changed
    std::vector<std::string> registered;  // names, in the table's order
    std::vector<std::string> updated;
    std::size_t unchanged = 0;
    std::vector<std::string> absent;  // members of the group that the table does not have
    std::vector<directory::FleetProblem> problems;
    std::vector<DeviceId> moved;  // another address: their open visits are to be cut
};

enum class FleetTrial : std::uint8_t { no, yes };

struct FleetTable {
    directory::DeviceName group;
    std::string_view csv;
    FleetTrial trial = FleetTrial::no;  // yes: only say what would be done
};

// Devices are known again by their serial numbers. A new one is registered in the group, with the
// group's profile if it has one; a known one gets the table's address, port, MAC, ward and use of
// ePHI, and joins the group if it is in none. A retired device, another name or archetype, another
// group, a name that is taken and an address that is not allowed are problems. Takes a Permit for
// device_manage. Refuses denied "device.wrong_permit"; not_found "device_group.unknown"; what
// directory::parse_fleet() refuses. Writes device.registered or device.modified for each, and
// device_group.imported; of a trial device_group.import_checked; of one with problems nothing.
[[nodiscard]] Result<FleetImport> import_fleet(
    store::Tx& tx,
    const Moment& moment,
    const policy::Permit& permit,
    const FleetTable& table,
    const DeviceNetwork& network,
    const audit::Actor& actor
);

}  // namespace sallyport::governance
