#include "edge/api/device_group_routes.h"

#include "domain/governance/device_group_admin.h"
#include "domain/governance/fleet_import.h"
#include "edge/api/answers.h"
#include "edge/api/device_json.h"
#include "edge/api/pages/layout.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <utility>

namespace sallyport::api {

namespace {

using directory::DeviceGroup;
using policy::Permission;

constexpr int unprocessable = 422;

Result<DeviceGroup> group_in_path(store::Tx& tx, const Call& call) {
    const auto name = directory::DeviceName::parse(call.path_values.at(0));
    auto group = name ? directory::find_device_group(tx, *name) : std::nullopt;
    if (!group) return refuse(Refusal::not_found, "device_group.unknown");
    return *std::move(group);
}

Result<directory::NewDeviceGroup> wanted_group(const Input& input, directory::DeviceName name) {
    directory::NewDeviceGroup wanted{
        .name = std::move(name),
        .description = input.text("description"),
        .deployed = std::nullopt,
        .mds2 = std::nullopt,
        .interfaces = {},
        .profile = std::nullopt,
    };
    if (!input.text("deployed").empty()) {
        SP_TRY(wanted.deployed, input.integer("deployed"));
    }
    directory::Mds2Reference mds2{
        input.text("mds2_reference"), input.text("mds2_sha256"), input.text("mds2_date")
    };
    const bool any = !mds2.reference.empty() || !mds2.sha256.empty() || !mds2.date.empty();
    if (any) wanted.mds2 = std::move(mds2);
    if (const auto text = input.text("interfaces"); !text.empty()) {
        SP_TRY(wanted.interfaces, directory::parse_interfaces(text));
    }
    if (const auto text = input.text("profile"); !text.empty()) {
        SP_TRY(wanted.profile, directory::parse_device_profile(text));
    }
    return wanted;
}

nlohmann::json import_json(const governance::FleetImport& import) {
    auto problems = nlohmann::json::array();
    for (const auto& problem : import.problems) {
        problems.push_back(
            {{"line", problem.line},
             {"column", problem.column},
             {"cell", problem.cell},
             {"what", problem.what}}
        );
    }
    return {
        {"applied", import.applied},
        {"registered", import.registered},
        {"updated", import.updated},
        {"unchanged", import.unchanged},
        {"absent", import.absent},
        {"problems", std::move(problems)},
    };
}

Html names(const std::vector<std::string>& list) {
    Html html;
    for (const auto& name : list) {
        html.add("<li>", name, "</li>");
    }
    return Html("<ul>", html, "</ul>");
}

Html import_report(const governance::FleetImport& import, const DeviceGroup& group) {
    Html body;
    if (import.problems.empty()) {
        body.add(
            "<p role=\"status\">",
            import.registered.size(),
            " registered, ",
            import.updated.size(),
            " changed, ",
            import.unchanged,
            " as they were.</p>"
        );
    } else {
        body.add(alert("Nothing was changed.", "Mend these in the table and send it again."));
        Html rows;
        for (const auto& problem : import.problems) {
            rows.add(
                "<tr><td>",
                problem.line,
                "</td><td>",
                problem.column,
                "</td><td>",
                problem.cell,
                "</td><td>",
                problem.what,
                "</td></tr>"
            );
        }
        body.add(
            "<table><thead><tr><th>Line</th><th>Column</th><th>Cell</th><th>What is "
            "wrong</th></tr></thead><tbody>",
            rows,
            "</tbody></table>"
        );
    }
    if (!import.absent.empty()) {
        body.add("<h2>In the group and not in the table</h2>", names(import.absent));
    }
    body.add("<p><a href=\"/device-groups/", group.name.text(), "\">Back to the group</a></p>");
    return body;
}

Html gap_list(const std::vector<directory::RegisterGap>& gaps) {
    if (gaps.empty()) return Html("none");
    Html html;
    bool first = true;
    for (const auto& gap : gaps) {
        if (!first) html.add("<br>");
        html.add(gap_words(gap));
        first = false;
    }
    return html;
}

Html interface_table(const std::vector<directory::DeviceInterface>& interfaces) {
    if (interfaces.empty()) return Html("<p>None are listed.</p>");
    Html rows;
    for (const auto& entry : interfaces) {
        const bool network = entry.kind == directory::InterfaceKind::network ||
                             entry.kind == directory::InterfaceKind::wireless;
        rows.add("<tr><td>", entry.name, "</td><td>", directory::to_text(entry.kind));
        if (entry.port != 0) rows.add(" ", entry.port);
        rows.add(
            "</td><td>",
            directory::to_text(entry.authentication),
            "</td><td>",
            directory::to_text(entry.control)
        );
        if (!entry.reference.empty()) rows.add(": ", entry.reference);
        rows.add("</td><td>");
        if (network) rows.add(directory::to_text(entry.last_hop));
        if (!entry.attestation.empty()) rows.add(" (", entry.attestation, ")");
        rows.add("</td></tr>");
    }
    return Html(
        "<table><thead><tr><th>Interface</th><th>Kind</th><th>Asks for</th><th>Covered "
        "by</th><th>Last hop</th></tr></thead><tbody>",
        rows,
        "</tbody></table>"
    );
}

class DeviceGroupHandlers {
public:
    explicit DeviceGroupHandlers(Services& services) : services_(services) {}

    Result<Reply> list(store::Tx& tx, const Call& /*call*/) const {
        auto json = nlohmann::json::array();
        for (const auto& group : directory::list_device_groups(tx)) {
            json.push_back(group_json(group, directory::count_members(tx, group.id)));
        }
        return answer({{"groups", json}});
    }

    Result<Reply> show(store::Tx& tx, const Call& call) const {
        SP_TRY(const auto group, group_in_path(tx, call));
        const auto members = directory::members_of(tx, group.id);
        auto json = group_json(group, static_cast<std::int64_t>(members.size()));
        auto& list = json["members"] = nlohmann::json::array();
        for (const auto& member : members) {
            list.push_back(device_json(member, &group, services_.site));
        }
        return answer(json);
    }

    Result<Reply> create(store::Tx& tx, const Call& call) const {
        SP_TRY(const auto text, call.input.required("name"));
        SP_TRY(auto name, directory::DeviceName::parse(text));
        SP_TRY(const auto wanted, wanted_group(call.input, std::move(name)));
        SP_TRY(
            const auto group,
            governance::create_group(tx, call.moment, *call.permit, wanted, call.actor)
        );
        return done(group_json(group, 0), "/device-groups/" + group.name.text(), 201);
    }

    Result<Reply> change(store::Tx& tx, const Call& call) const {
        SP_TRY(const auto group, group_in_path(tx, call));
        SP_TRY(const auto wanted, wanted_group(call.input, group.name));
        SP_TRY(
            const auto changed,
            governance::change_group(tx, call.moment, *call.permit, wanted, call.actor)
        );
        auto reply = done(
            group_json(changed.group, directory::count_members(tx, group.id)),
            "/device-groups/" + group.name.text()
        );
        for (const auto& member : changed.members) {
            reply.after.ended_devices.emplace_back(member, policy::CutCause::policy_changed);
        }
        return reply;
    }

    Result<Reply> import(store::Tx& tx, const Call& call) const {
        return take_table(tx, call, governance::FleetTrial::no);
    }

    Result<Reply> try_import(store::Tx& tx, const Call& call) const {
        return take_table(tx, call, governance::FleetTrial::yes);
    }

    Result<Reply> groups_page(store::Tx& tx, const Call& call) const {
        Html rows;
        for (const auto& group : directory::list_device_groups(tx)) {
            const auto members = directory::count_members(tx, group.id);
            rows.add(
                "<tr><td><a href=\"/device-groups/",
                group.name.text(),
                "\">",
                group.name.text(),
                "</a></td><td>",
                group.description,
                "</td><td>",
                members
            );
            if (group.deployed) rows.add(" of ", *group.deployed);
            rows.add("</td><td>", gap_list(directory::gaps_of(group, members)), "</td></tr>");
        }
        const Html body(
            step_up_note(*call.session, call.policy, call.moment.now, "/device-groups"),
            "<table><thead><tr><th>Group</th><th>What it is</th><th>Registered</th><th>What the "
            "proof lacks</th></tr></thead><tbody>",
            rows,
            "</tbody></table><h2>Make a group</h2><form method=\"post\" "
            "action=\"/api/device-groups\">",
            csrf_field(*call.session),
            input_field("Name (a-z, 0-9, hyphen)", "name", "text", "required"),
            input_field("What it is", "description", "text", "maxlength=\"500\""),
            input_field("How many there are", "deployed", "number", "min=\"0\""),
            mds2_fields(std::nullopt),
            "<button>Make</button></form>"
        );
        return answer_page(page("Device groups", body, call.session, &call.policy));
    }

    Result<Reply> group_page(store::Tx& tx, const Call& call) const {
        SP_TRY(const auto group, group_in_path(tx, call));
        const auto members = directory::members_of(tx, group.id);
        const auto path = "/device-groups/" + group.name.text();
        const auto count = static_cast<std::int64_t>(members.size());
        Html rows;
        for (const auto& member : members) {
            rows.add(
                "<tr><td>",
                member.name.text(),
                "</td><td>",
                member.serial,
                "</td><td>",
                member.details.ward,
                "</td><td>",
                member.address,
                ":",
                member.port,
                "</td><td>",
                member.details.ephi ? directory::to_text(*member.details.ephi) : std::string(),
                "</td><td>",
                gap_list(directory::gaps_of(member, &group)),
                "</td></tr>"
            );
        }
        Html registered(count);
        if (group.deployed) registered.add(" of ", *group.deployed);
        const Html body(
            step_up_note(*call.session, call.policy, call.moment.now, path),
            "<p>",
            group.description,
            "</p><dl><dt>Registered</dt><dd>",
            registered,
            "</dd><dt>What the proof lacks</dt><dd>",
            gap_list(directory::gaps_of(group, count)),
            "</dd></dl><h2>Interfaces</h2>",
            interface_table(group.interfaces),
            "<h2>Devices</h2><table><thead><tr><th>Name</th><th>Serial</th><th>Ward</th>"
            "<th>Address</th><th>ePHI</th><th>What the proof lacks</th></tr></thead><tbody>",
            rows,
            "</tbody></table>",
            import_form(group, *call.session),
            change_form(group, *call.session)
        );
        return answer_page(page(Html("Group ", group.name.text()), body, call.session, &call.policy)
        );
    }

private:
    Result<Reply> take_table(store::Tx& tx, const Call& call, governance::FleetTrial trial) const {
        SP_TRY(const auto group, group_in_path(tx, call));
        SP_TRY(const auto csv, call.input.required("csv"));
        SP_TRY(
            const auto import,
            governance::import_fleet(
                tx,
                call.moment,
                *call.permit,
                {group.name, csv, trial},
                device_network(services_),
                call.actor
            )
        );
        // A trial's success is its report.
        const bool refused = trial == governance::FleetTrial::no && !import.problems.empty();
        auto json = import_json(import);
        if (refused) json["reason"] = "fleet.problems";
        auto reply = answer(json, refused ? unprocessable : 200);
        reply.page =
            page("Import of devices", import_report(import, group), call.session, &call.policy);
        for (const auto& device : import.moved) {
            reply.after.ended_devices.emplace_back(device, policy::CutCause::policy_changed);
        }
        return reply;
    }

    static Html mds2_fields(const std::optional<directory::Mds2Reference>& mds2) {
        const auto known = mds2.value_or(directory::Mds2Reference{});
        return Html(
            input_field("MDS2 statement", "mds2_reference", "text", "", known.reference),
            input_field(
                "Its SHA-256", "mds2_sha256", "text", "pattern=\"[0-9a-f]{64}\"", known.sha256
            ),
            input_field("Its date", "mds2_date", "date", "", known.date)
        );
    }

    static Html import_form(const DeviceGroup& group, const session::Session& session) {
        return Html(
            "<h2>Import devices</h2><form method=\"post\" action=\"/api/device-groups/",
            group.name.text(),
            "/import\">",
            csrf_field(session),
            "<label>Table (CSV), the first line naming the columns: name, serial, address, "
            "archetype, ephi; also port, mac, ward<textarea name=\"csv\" rows=\"8\" "
            "required></textarea></label>"
            "<button>Import</button></form>"
        );
    }

    static Html change_form(const DeviceGroup& group, const session::Session& session) {
        return Html(
            "<h2>Change the group</h2><form method=\"post\" action=\"/api/device-groups/",
            group.name.text(),
            "\">",
            csrf_field(session),
            input_field(
                "What it is", "description", "text", "maxlength=\"500\"", group.description
            ),
            input_field(
                "How many there are",
                "deployed",
                "number",
                "min=\"0\"",
                group.deployed ? std::to_string(*group.deployed) : std::string()
            ),
            mds2_fields(group.mds2),
            "<label>Interfaces (JSON)<textarea name=\"interfaces\" rows=\"8\">",
            directory::to_json(group.interfaces),
            "</textarea></label><label>Profile of all its devices (JSON; empty: each its "
            "own)<textarea name=\"profile\" rows=\"8\">",
            group.profile ? directory::to_json(*group.profile) : std::string(),
            "</textarea></label><button>Change</button></form>"
        );
    }

    Services& services_;
};

using Method = Result<Reply> (DeviceGroupHandlers::*)(store::Tx&, const Call&) const;

}  // namespace

std::vector<Route> device_group_routes(Services& services) {
    const auto handlers = std::make_shared<DeviceGroupHandlers>(services);
    const auto call = [handlers](Method method) -> Handler {
        return [handlers, method](store::Tx& tx, const Call& with) {
            return (*handlers.*method)(tx, with);
        };
    };
    const auto look = [&](std::string_view path, Permission permission, Method what) -> Route {
        return {
            .method = "GET",
            .path = path,
            .access = Access::session,
            .permission = permission,
            .step_up = policy::needs_step_up_always(permission) ? StepUp::yes : StepUp::no,
            .event = "-",
            .handler = call(what)
        };
    };
    const auto change = [&](std::string_view path, std::string_view event, Method method) -> Route {
        return {
            .method = "POST",
            .path = path,
            .access = Access::session,
            .permission = Permission::device_manage,
            .step_up = StepUp::yes,
            .event = event,
            .kind = Kind::write,
            .handler = call(method)
        };
    };
    using Handlers = DeviceGroupHandlers;
    return {
        look("/api/device-groups", Permission::device_read, &Handlers::list),
        look("/api/device-groups/{name}", Permission::device_read, &Handlers::show),
        look("/device-groups", Permission::device_manage, &Handlers::groups_page),
        look("/device-groups/{name}", Permission::device_manage, &Handlers::group_page),
        change("/api/device-groups", "device_group.created", &Handlers::create),
        change("/api/device-groups/{name}", "device_group.modified", &Handlers::change),
        change("/api/device-groups/{name}/import", "device_group.imported", &Handlers::import),
        change(
            "/api/device-groups/{name}/try-import",
            "device_group.import_checked",
            &Handlers::try_import
        ),
    };
}

}  // namespace sallyport::api
