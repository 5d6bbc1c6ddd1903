#pragma once
// Asset groups: devices of one kind that are bought, kept and covered together, and what the house
// says of them as a whole (S2-04, S2-05, S2-06).

#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/core/time.h"
#include "base/store/tx.h"
#include "domain/directory/device.h"
#include "domain/directory/device_details.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::directory {

// The maker's statement on security (MDS2): which document, and the exact one.
struct Mds2Reference {
    std::string reference;  // "ExampleMed-IP3.2-MDS2-2024"; 1 to 200 bytes
    std::string sha256;     // 64 hexadecimal digits, lower case
    std::string date;       // "2024-05-01"
};

struct DeviceGroup {
    DeviceGroupId id;
    DeviceName name;          // the asset group's id: "pump-vlan-volumetric-ip32"
    std::string description;  // at most 500 bytes
    // How many the house says it has; none: nobody said.
    std::optional<std::int64_t> deployed;
    std::optional<Mds2Reference> mds2;
    std::vector<DeviceInterface> interfaces;  // of each member that has none of its own
    std::optional<DeviceProfile> profile;     // of each member that is imported
    Time created_at;
};

struct NewDeviceGroup {
    DeviceName name;
    std::string description;
    std::optional<std::int64_t> deployed;
    std::optional<Mds2Reference> mds2;
    std::vector<DeviceInterface> interfaces;
    std::optional<DeviceProfile> profile;
};

inline constexpr std::int64_t deployed_max = 1'000'000;

// Rows only; the caller writes down who and why. Refuse invalid "device_group.description",
// "device_group.deployed" (0 to a million), "device_group.mds2_malformed" (detail: the member);
// create also conflict "device_group.name_taken". Written as a whole: what `wanted` leaves out is
// no longer there. Names never change, groups are never deleted.
[[nodiscard]] Result<DeviceGroup> create_device_group(
    store::Tx& tx, const NewDeviceGroup& wanted, const Moment& moment
);
[[nodiscard]] Result<void> replace_device_group(
    store::Tx& tx, const DeviceGroupId& id, const NewDeviceGroup& wanted
);

[[nodiscard]] std::optional<DeviceGroup> find_device_group(store::Tx& tx, const DeviceGroupId& id);
[[nodiscard]] std::optional<DeviceGroup> find_device_group(store::Tx& tx, const DeviceName& name);
[[nodiscard]] std::vector<DeviceGroup> list_device_groups(store::Tx& tx);

// As members_of().
[[nodiscard]] std::int64_t count_members(store::Tx& tx, const DeviceGroupId& id);

// The device's own, or else its group's (`group` may be null).
[[nodiscard]] const std::vector<DeviceInterface>& interfaces_of(
    const Device& device, const DeviceGroup* group
);

// What the proof lacks, in a fixed order.
struct RegisterGap {
    std::string_view what;  // "ephi_undecided", "ward_unknown", "interfaces_missing",
                            // "interface_uncovered", "last_hop_clear", "mds2_missing",
                            // "deployed_unknown", "count_differs"
    std::string detail;     // the interface's name; "240 deployed, 239 registered"
};

[[nodiscard]] std::vector<RegisterGap> gaps_of(const Device& device, const DeviceGroup* group);
[[nodiscard]] std::vector<RegisterGap> gaps_of(const DeviceGroup& group, std::int64_t members);

}  // namespace sallyport::directory
