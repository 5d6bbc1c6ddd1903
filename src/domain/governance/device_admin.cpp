#include "domain/governance/device_admin.h"

#include "domain/audit/log.h"

#include <utility>

namespace sallyport::governance {

namespace {

using directory::Device;
using directory::DeviceState;

// A Permit that names a device is good for that one only.
Result<void> check_permit(
    const policy::Permit& permit, const std::optional<DeviceId>& device, const audit::Actor& actor
) {
    const bool fits = permit.action() == policy::Permission::device_manage &&
                      actor.who.account == permit.account() &&
                      (!permit.device() || permit.device() == device);
    if (!fits) return refuse(Refusal::denied, "device.wrong_permit");
    return {};
}

Result<Device> serving_device(store::Tx& tx, const DeviceId& id) {
    auto device = directory::find_device(tx, id);
    if (!device) return refuse(Refusal::not_found, "device.unknown");
    if (device->state == DeviceState::retired) return refuse(Refusal::conflict, "device.retired");
    return *std::move(device);
}

audit::Event event_about(
    const audit::Actor& actor, std::string_view type, std::string verb, const Device& device
) {
    auto event = audit::event_by(actor, type, std::move(verb), "device:" + device.id.text());
    event.fields.push_back({"name", device.name.text()});
    event.fields.push_back({"serial", device.serial});
    return event;
}

}  // namespace

Result<Device> register_device(
    store::Tx& tx,
    const Moment& moment,
    const policy::Permit& permit,
    const directory::NewDevice& wanted,
    const DeviceNetwork& network,
    const audit::Actor& actor
) {
    SP_CHECK(check_permit(permit, std::nullopt, actor));
    SP_CHECK(
        directory::device_endpoint_allowed(wanted.address, wanted.port, network.own, network.rules)
    );
    if (wanted.profile) {
        // Written and read back, so that what is stored is what the reader accepts.
        SP_CHECK(directory::parse_device_profile(directory::to_json(*wanted.profile)));
    }
    SP_TRY(auto device, directory::create_device(tx, wanted, permit.account(), moment));

    auto event = event_about(actor, "device.registered", "register", device);
    event.fields.push_back({"archetype", device.archetype});
    event.fields.push_back({"address", device.address});
    event.fields.push_back({"port", std::int64_t{device.port}});
    event.fields.push_back({"profile", directory::to_json(device.profile)});
    audit::append(tx, moment, event);
    return device;
}

Result<Device> change_profile(
    store::Tx& tx,
    const Moment& moment,
    const policy::Permit& permit,
    const DeviceId& id,
    const directory::DeviceProfile& profile,
    const audit::Actor& actor
) {
    SP_CHECK(check_permit(permit, id, actor));
    SP_CHECK(directory::parse_device_profile(directory::to_json(profile)));
    SP_TRY(auto device, serving_device(tx, id));

    auto event = event_about(actor, "device.modified", "change_profile", device);
    event.fields.push_back({"changed_fields", std::string("profile")});
    event.fields.push_back({"before", directory::to_json(device.profile)});
    event.fields.push_back({"after", directory::to_json(profile)});
    directory::set_device_profile(tx, id, profile);
    audit::append(tx, moment, event);
    device.profile = profile;
    return device;
}

Result<Device> retire_device(
    store::Tx& tx,
    const Moment& moment,
    const policy::Permit& permit,
    const DeviceId& id,
    const audit::Actor& actor
) {
    SP_CHECK(check_permit(permit, id, actor));
    SP_TRY(auto device, serving_device(tx, id));

    directory::set_device_state(tx, id, DeviceState::retired);
    device.state = DeviceState::retired;
    audit::append(tx, moment, event_about(actor, "device.retired", "retire", device));
    return device;
}

}  // namespace sallyport::governance
