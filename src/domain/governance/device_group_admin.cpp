#include "domain/governance/device_group_admin.h"

#include "domain/audit/log.h"
#include "domain/governance/device_admin.h"
#include "domain/governance/device_events.h"

#include <nlohmann/json.hpp>

#include <string>
#include <utility>

namespace sallyport::governance {

namespace {

using directory::DeviceGroup;
using directory::NewDeviceGroup;

std::string group_json(const NewDeviceGroup& group) {
    nlohmann::ordered_json json{
        {"description", group.description},
        {"interfaces", nlohmann::ordered_json::parse(directory::to_json(group.interfaces))},
    };
    if (group.deployed) json["deployed"] = *group.deployed;
    if (group.mds2) {
        json["mds2_reference"] = group.mds2->reference;
        json["mds2_sha256"] = group.mds2->sha256;
        json["mds2_date"] = group.mds2->date;
    }
    if (group.profile) {
        json["profile"] = nlohmann::ordered_json::parse(directory::to_json(*group.profile));
    }
    return json.dump();
}

NewDeviceGroup as_wanted(const DeviceGroup& group) {
    return {
        group.name, group.description, group.deployed, group.mds2, group.interfaces, group.profile
    };
}

audit::Event group_event(
    const audit::Actor& actor, std::string_view type, std::string verb, const DeviceGroup& group
) {
    auto event = audit::event_by(actor, type, std::move(verb), "device_group:" + group.id.text());
    event.fields.push_back({"name", group.name.text()});
    return event;
}

}  // namespace

Result<DeviceGroup> create_group(
    store::Tx& tx,
    const Moment& moment,
    const policy::Permit& permit,
    const NewDeviceGroup& wanted,
    const audit::Actor& actor
) {
    SP_CHECK(check_device_permit(permit, std::nullopt, actor));
    SP_TRY(auto group, directory::create_device_group(tx, wanted, moment));
    auto event = group_event(actor, "device_group.created", "create", group);
    event.fields.push_back({"after", group_json(wanted)});
    audit::append(tx, moment, event);
    return group;
}

Result<ChangedGroup> change_group(
    store::Tx& tx,
    const Moment& moment,
    const policy::Permit& permit,
    const NewDeviceGroup& wanted,
    const audit::Actor& actor
) {
    SP_CHECK(check_device_permit(permit, std::nullopt, actor));
    const auto before = directory::find_device_group(tx, wanted.name);
    if (!before) return refuse(Refusal::not_found, "device_group.unknown");
    SP_CHECK(directory::replace_device_group(tx, before->id, wanted));
    auto event = group_event(actor, "device_group.modified", "change", *before);
    event.fields.push_back({"before", group_json(as_wanted(*before))});
    event.fields.push_back({"after", group_json(wanted)});
    audit::append(tx, moment, event);

    ChangedGroup changed{directory::find_device_group(tx, before->id).value(), {}};
    if (!wanted.profile) return changed;
    const auto profile = directory::to_json(*wanted.profile);
    for (const auto& member : directory::members_of(tx, before->id)) {
        if (directory::to_json(member.profile) == profile) continue;
        SP_CHECK(change_profile(tx, moment, permit, member.id, *wanted.profile, actor));
        changed.members.push_back(member.id);
    }
    return changed;
}

}  // namespace sallyport::governance
