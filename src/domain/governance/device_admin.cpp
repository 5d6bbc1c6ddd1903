#include "domain/governance/device_admin.h"

#include "domain/audit/log.h"
#include "domain/directory/device_group.h"
#include "domain/governance/device_events.h"

#include <utility>

namespace sallyport::governance {

namespace {

using directory::Device;
using directory::DeviceState;

Result<Device> serving_device(store::Tx& tx, const DeviceId& id) {
    auto device = directory::find_device(tx, id);
    if (!device) return refuse(Refusal::not_found, "device.unknown");
    if (device->state == DeviceState::retired) return refuse(Refusal::conflict, "device.retired");
    return *std::move(device);
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
    SP_CHECK(check_device_permit(permit, std::nullopt, actor));
    SP_CHECK(
        directory::device_endpoint_allowed(wanted.address, wanted.port, network.own, network.rules)
    );
    if (wanted.profile) {
        // Written and read back, so that what is stored is what the reader accepts.
        SP_CHECK(directory::parse_device_profile(directory::to_json(*wanted.profile)));
    }
    SP_TRY(auto device, directory::create_device(tx, wanted, permit.account(), moment));

    auto event = device_event(actor, "device.registered", "register", device);
    event.fields.push_back({"archetype", device.archetype});
    event.fields.push_back({"address", device.address});
    event.fields.push_back({"port", std::int64_t{device.port}});
    event.fields.push_back({"profile", directory::to_json(device.profile)});
    event.fields.push_back({"details", place_json(device)});
    audit::append(tx, moment, event);
    return device;
}

Result<Device> change_place(
    store::Tx& tx,
    const Moment& moment,
    const policy::Permit& permit,
    const DeviceId& id,
    const DevicePlace& place,
    const DeviceNetwork& network,
    const audit::Actor& actor
) {
    SP_CHECK(check_device_permit(permit, id, actor));
    SP_CHECK(
        directory::device_endpoint_allowed(place.address, place.port, network.own, network.rules)
    );
    SP_TRY(auto device, serving_device(tx, id));
    if (place.details.group && !directory::find_device_group(tx, *place.details.group)) {
        return refuse(Refusal::not_found, "device_group.unknown");
    }
    auto event = device_event(actor, "device.modified", "change_place", device);
    event.fields.push_back({"changed_fields", std::string("place")});
    event.fields.push_back({"before", place_json(device)});
    device.address = place.address;
    device.port = place.port;
    device.details = place.details;
    event.fields.push_back({"after", place_json(device)});
    directory::set_device_place(tx, id, device.address, device.port, device.details);
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
    SP_CHECK(check_device_permit(permit, id, actor));
    SP_CHECK(directory::parse_device_profile(directory::to_json(profile)));
    SP_TRY(auto device, serving_device(tx, id));

    auto event = device_event(actor, "device.modified", "change_profile", device);
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
    SP_CHECK(check_device_permit(permit, id, actor));
    SP_TRY(auto device, serving_device(tx, id));

    directory::set_device_state(tx, id, DeviceState::retired);
    device.state = DeviceState::retired;
    audit::append(tx, moment, device_event(actor, "device.retired", "retire", device));
    return device;
}

}  // namespace sallyport::governance
