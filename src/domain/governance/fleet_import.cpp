#include "domain/governance/fleet_import.h"

#include "domain/audit/log.h"
#include "domain/governance/device_events.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>
#include <utility>

namespace sallyport::governance {

namespace {

using directory::Device;
using directory::DeviceGroup;
using directory::FleetProblem;
using directory::FleetRow;

// What a row comes to. `known`: the device that has its serial number.
struct Step {
    const FleetRow* row;
    std::optional<Device> known;
    std::vector<std::string> changes;  // of a known one
};

bool same_place(const Device& device, const directory::NewDevice& wanted) {
    return device.address == wanted.address && device.port == wanted.port;
}

std::vector<std::string> changes_to(
    const Device& device, const directory::NewDevice& wanted, const DeviceGroup& group
) {
    std::vector<std::string> changes;
    const auto& now = device.details;
    const auto& then = wanted.details;
    if (device.address != wanted.address) changes.emplace_back("address");
    if (device.port != wanted.port) changes.emplace_back("port");
    if (now.mac != then.mac) changes.emplace_back("mac");
    if (now.ward != then.ward) changes.emplace_back("ward");
    if (now.ephi != then.ephi) changes.emplace_back("ephi");
    if (now.group != group.id) changes.emplace_back("group");
    return changes;
}

class Plan {
public:
    Plan(store::Tx& tx, const DeviceGroup& group, const DeviceNetwork& network)
        : tx_(tx), group_(group), network_(network) {}

    void take(const FleetRow& row) {
        const auto& wanted = row.device;
        const auto allowed = directory::device_endpoint_allowed(
            wanted.address, wanted.port, network_.own, network_.rules
        );
        if (!allowed) complain(row, "address", "no device may have this address");
        Step step{&row, directory::find_device_by_serial(tx_, wanted.serial), {}};
        if (step.known) {
            compare(row, *step.known);
            step.changes = changes_to(*step.known, wanted, group_);
        } else if (directory::find_device(tx_, wanted.name)) {
            complain(
                row, "name", "is registered with another serial number; names are not used again"
            );
        }
        steps.push_back(std::move(step));
    }

    std::vector<Step> steps;
    std::vector<FleetProblem> problems;

private:
    void compare(const FleetRow& row, const Device& known) {
        const auto& wanted = row.device;
        if (known.state == directory::DeviceState::retired) {
            complain(row, "serial", "is a retired device's");
        }
        if (known.name != wanted.name) {
            complain(
                row,
                "name",
                fmt::format("this serial number is registered as {}; names stay", known.name.text())
            );
        }
        if (known.archetype != wanted.archetype) {
            complain(row, "archetype", fmt::format("is registered as {}", known.archetype));
        }
        if (known.details.group && known.details.group != group_.id) {
            complain(row, "serial", "is in another group");
        }
    }

    void complain(const FleetRow& row, std::string_view cell, std::string what) {
        if (problems.size() == directory::problems_max) return;
        problems.push_back(
            {row.line, directory::column_of(row, cell), std::string(cell), std::move(what)}
        );
    }

    store::Tx& tx_;
    const DeviceGroup& group_;
    const DeviceNetwork& network_;
};

audit::Event import_event(
    std::string_view type,
    const FleetImport& import,
    const DeviceGroup& group,
    const audit::Actor& actor
) {
    auto event = audit::event_by(actor, type, "import", "device_group:" + group.id.text());
    event.fields = {
        {"name", group.name.text()},
        {"registered", static_cast<std::int64_t>(import.registered.size())},
        {"updated", static_cast<std::int64_t>(import.updated.size())},
        {"unchanged", static_cast<std::int64_t>(import.unchanged)},
        {"absent", static_cast<std::int64_t>(import.absent.size())},
        {"problems", static_cast<std::int64_t>(import.problems.size())},
    };
    return event;
}

// What one import works with.
struct Desk {
    store::Tx& tx;
    const Moment& moment;
    const policy::Permit& permit;
    const DeviceGroup& group;
    const DeviceNetwork& network;
    const audit::Actor& actor;
};

void update(const Desk& desk, const Step& step) {
    const auto& wanted = step.row->device;
    auto details = wanted.details;
    details.group = desk.group.id;
    details.interfaces = step.known->details.interfaces;
    auto event = device_event(desk.actor, "device.modified", "import", *step.known);
    event.fields.push_back({"changed_fields", fmt::format("{}", fmt::join(step.changes, ","))});
    event.fields.push_back({"before", place_json(*step.known)});
    auto after = *step.known;
    after.address = wanted.address;
    after.port = wanted.port;
    after.details = details;
    event.fields.push_back({"after", place_json(after)});
    directory::set_device_place(desk.tx, after.id, after.address, after.port, after.details);
    audit::append(desk.tx, desk.moment, event);
}

Result<FleetImport> carry_out(
    const Desk& desk, const std::vector<Step>& steps, FleetImport import
) {
    const auto& [tx, moment, permit, group, network, actor] = desk;
    for (const auto& step : steps) {
        if (step.known && !step.changes.empty()) update(desk, step);
        if (step.known && !same_place(*step.known, step.row->device)) {
            import.moved.push_back(step.known->id);
        }
        if (step.known) continue;
        auto wanted = step.row->device;
        wanted.details.group = group.id;
        wanted.profile = group.profile;
        // What the plan has let pass is refused here by nothing but a mistake of ours.
        SP_CHECK(register_device(tx, moment, permit, wanted, network, actor));
    }
    audit::append(tx, moment, import_event("device_group.imported", import, group, actor));
    import.applied = true;
    return import;
}

}  // namespace

Result<FleetImport> import_fleet(
    store::Tx& tx,
    const Moment& moment,
    const policy::Permit& permit,
    const FleetTable& table,
    const DeviceNetwork& network,
    const audit::Actor& actor
) {
    SP_CHECK(check_device_permit(permit, std::nullopt, actor));
    const auto group = directory::find_device_group(tx, table.group);
    if (!group) return refuse(Refusal::not_found, "device_group.unknown");
    SP_TRY(auto file, directory::parse_fleet(table.csv));

    Plan plan(tx, *group, network);
    for (const auto& row : file.rows) {
        plan.take(row);
    }
    FleetImport import;
    import.problems = std::move(file.problems);
    std::ranges::move(plan.problems, std::back_inserter(import.problems));
    std::ranges::sort(import.problems, {}, [](const FleetProblem& problem) {
        return std::tie(problem.line, problem.column, problem.cell, problem.what);
    });
    std::set<std::string> named;
    for (const auto& step : plan.steps) {
        const auto& device = step.row->device.name.text();
        named.insert(device);
        if (!step.known) {
            import.registered.push_back(device);
        } else if (step.changes.empty()) {
            ++import.unchanged;
        } else {
            import.updated.push_back(device);
        }
    }
    for (const auto& member : directory::members_of(tx, group->id)) {
        if (!named.contains(member.name.text())) import.absent.push_back(member.name.text());
    }
    if (table.trial == FleetTrial::yes) {
        audit::append(
            tx, moment, import_event("device_group.import_checked", import, *group, actor)
        );
    }
    if (table.trial == FleetTrial::yes || !import.problems.empty()) return import;
    const Desk desk{tx, moment, permit, *group, network, actor};
    return tx.attempt([&] { return carry_out(desk, plan.steps, std::move(import)); });
}

}  // namespace sallyport::governance
