#include "domain/governance/device_events.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace sallyport::governance {

Result<void> check_device_permit(
    const policy::Permit& permit, const std::optional<DeviceId>& device, const audit::Actor& actor
) {
    const bool fits = permit.action() == policy::Permission::device_manage &&
                      actor.who.account == permit.account() &&
                      (!permit.device() || permit.device() == device);
    if (!fits) return refuse(Refusal::denied, "device.wrong_permit");
    return {};
}

audit::Event device_event(
    const audit::Actor& actor,
    std::string_view type,
    std::string verb,
    const directory::Device& device
) {
    auto event = audit::event_by(actor, type, std::move(verb), "device:" + device.id.text());
    event.fields.push_back({"name", device.name.text()});
    event.fields.push_back({"serial", device.serial});
    return event;
}

std::string place_json(const directory::Device& device) {
    const auto& details = device.details;
    nlohmann::ordered_json json{
        {"address", device.address},
        {"port", device.port},
        {"mac", details.mac},
        {"ward", details.ward},
        {"ephi", details.ephi ? directory::to_text(*details.ephi) : ""},
        {"group", details.group ? details.group->text() : ""},
    };
    if (!details.interfaces.empty()) {
        json["interfaces"] = nlohmann::ordered_json::parse(directory::to_json(details.interfaces));
    }
    return json.dump();
}

}  // namespace sallyport::governance
