#pragma once
// Devices and their groups as the API shows and takes them.

#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/directory/device.h"
#include "domain/directory/device_group.h"
#include "domain/governance/device_admin.h"
#include "edge/api/input.h"
#include "edge/api/services.h"

#include <nlohmann/json_fwd.hpp>

#include <string_view>
#include <vector>

namespace sallyport::api {

// `group`: the device's, null if it has none.
[[nodiscard]] nlohmann::json device_json(
    const directory::Device& device, const directory::DeviceGroup* group, const Site& site
);
[[nodiscard]] nlohmann::json group_json(const directory::DeviceGroup& group, std::int64_t members);
[[nodiscard]] nlohmann::json gaps_json(const std::vector<directory::RegisterGap>& gaps);

// What a gap says to people: "no ward", "240 deployed, 239 registered".
[[nodiscard]] std::string gap_words(const directory::RegisterGap& gap);

// ward, mac, ephi (must be there), group, interfaces. Refuses invalid "device.ephi_malformed",
// "device.mac_malformed", "device.ward_malformed", "device.interfaces_malformed", "input.missing";
// not_found "device_group.unknown".
[[nodiscard]] Result<directory::DeviceDetails> details_in(store::Tx& tx, const Input& input);

// Refuses invalid "input.number_malformed" with the name.
[[nodiscard]] Result<std::uint16_t> port_in(const Input& input, std::uint16_t usual);

// Where no device may be; the demo's pump lives on this machine.
[[nodiscard]] governance::DeviceNetwork device_network(const Services& services);

}  // namespace sallyport::api
