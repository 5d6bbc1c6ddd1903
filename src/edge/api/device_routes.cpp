#include "edge/api/device_routes.h"

#include "domain/directory/account.h"
#include "domain/directory/device.h"
#include "domain/directory/device_group.h"
#include "domain/governance/device_admin.h"
#include "edge/api/answers.h"
#include "edge/api/device_json.h"
#include "edge/api/pages/layout.h"

#include <nlohmann/json.hpp>

#include <map>
#include <utility>

namespace sallyport::api {

namespace {

using directory::DeviceGroupId;
using policy::Permission;

Result<directory::Device> device_in_path(store::Tx& tx, const Call& call) {
    const auto name = directory::DeviceName::parse(call.path_values.at(0));
    auto device = name ? directory::find_device(tx, *name) : std::nullopt;
    if (!device) return refuse(Refusal::not_found, "device.unknown");
    return *std::move(device);
}

std::string login_name(store::Tx& tx, const AccountId& id) {
    const auto account = directory::find_account(tx, id);
    return account ? account->login_name.text() : id.text();
}

constexpr std::uint16_t usual_port = 8080;

Result<directory::NewDevice> wanted_device(store::Tx& tx, const Input& input) {
    SP_TRY(const auto name_text, input.required("name"));
    SP_TRY(auto name, directory::DeviceName::parse(name_text));
    SP_TRY(auto serial, input.required("serial"));
    SP_TRY(auto address, input.required("address"));
    SP_TRY(auto archetype, input.required("archetype"));
    SP_TRY(const auto port, port_in(input, usual_port));
    SP_TRY(auto details, details_in(tx, input));
    directory::NewDevice wanted{
        .name = std::move(name),
        .serial = std::move(serial),
        .address = std::move(address),
        .port = port,
        .archetype = std::move(archetype),
        .profile = std::nullopt,
        .details = std::move(details),
    };
    if (const auto profile_text = input.text("profile"); !profile_text.empty()) {
        SP_TRY(auto profile, directory::parse_device_profile(profile_text));
        wanted.profile = std::move(profile);
    }
    return wanted;
}

// A Permit names the device it is for; this route's was made before the device was known.
Result<policy::Permit> permit_for(const Call& call, Permission action, const DeviceId& device) {
    const auto subject = call.session->subject();
    const policy::Question question{
        .subject = subject,
        .action = action,
        .needs_step_up = true,
        .device = device,
        .about = std::nullopt,
        .grant = std::nullopt,
        .clock_trustworthy = call.moment.clock != ClockState::behind,
    };
    return policy::decide(call.policy, question, call.moment.now);
}

class DeviceHandlers {
public:
    explicit DeviceHandlers(Services& services) : services_(services) {}

    Result<Reply> list(store::Tx& tx, const Call& /*call*/) const {
        std::map<DeviceGroupId, directory::DeviceGroup> groups;
        for (auto& group : directory::list_device_groups(tx)) {
            groups.emplace(group.id, std::move(group));
        }
        auto json = nlohmann::json::array();
        for (const auto& device : directory::list_devices(tx)) {
            const auto& in = device.details.group;
            json.push_back(device_json(device, in ? &groups.at(*in) : nullptr, services_.site));
        }
        return answer({{"devices", json}});
    }

    Result<Reply> register_one(store::Tx& tx, const Call& call) const {
        SP_TRY(const auto wanted, wanted_device(tx, call.input));
        SP_TRY(
            const auto device,
            governance::register_device(
                tx, call.moment, *call.permit, wanted, device_network(services_), call.actor
            )
        );
        return done(json_of(tx, device), "/devices", 201);
    }

    // All of it anew; what is left out is no longer there.
    Result<Reply> change_place(store::Tx& tx, const Call& call) const {
        SP_TRY(const auto device, device_in_path(tx, call));
        SP_TRY(const auto permit, permit_for(call, Permission::device_manage, device.id));
        SP_TRY(auto address, call.input.required("address"));
        SP_TRY(const auto port, port_in(call.input, usual_port));
        SP_TRY(auto details, details_in(tx, call.input));
        const governance::DevicePlace place{std::move(address), port, std::move(details)};
        SP_TRY(
            const auto changed,
            governance::change_place(
                tx, call.moment, permit, device.id, place, device_network(services_), call.actor
            )
        );
        auto reply = done(json_of(tx, changed), "/devices");
        if (changed.address != device.address || changed.port != device.port) {
            reply.after.ended_devices.emplace_back(device.id, policy::CutCause::policy_changed);
        }
        return reply;
    }

    Result<Reply> change_profile(store::Tx& tx, const Call& call) const {
        SP_TRY(const auto device, device_in_path(tx, call));
        SP_TRY(const auto permit, permit_for(call, Permission::device_manage, device.id));
        SP_TRY(const auto text, call.input.required("profile"));
        SP_TRY(const auto profile, directory::parse_device_profile(text));
        SP_TRY(
            const auto changed,
            governance::change_profile(tx, call.moment, permit, device.id, profile, call.actor)
        );
        auto reply = done(json_of(tx, changed), "/devices");
        // Open visits were allowed under the old rules; their next request asks the new ones.
        reply.after.ended_devices.emplace_back(device.id, policy::CutCause::policy_changed);
        return reply;
    }

    Result<Reply> retire(store::Tx& tx, const Call& call) const {
        SP_TRY(const auto device, device_in_path(tx, call));
        SP_TRY(const auto permit, permit_for(call, Permission::device_manage, device.id));
        SP_TRY(
            const auto retired,
            governance::retire_device(tx, call.moment, permit, device.id, call.actor)
        );
        auto reply = done(json_of(tx, retired), "/devices");
        reply.after.ended_devices.emplace_back(device.id, policy::CutCause::device_retired);
        return reply;
    }

    Result<Reply> store_credential(store::Tx& tx, const Call& call) const {
        SP_TRY(const auto device, device_in_path(tx, call));
        SP_TRY(const auto permit, permit_for(call, Permission::vault_manage, device.id));
        SP_TRY(const auto user_name, call.input.required("user_name"));
        SP_TRY(const auto password, call.input.secret("password"));
        SP_TRY(
            const auto item,
            services_.vault.put(tx, call.moment, permit, device.id, user_name, password, call.actor)
        );
        return done(item_json(tx, item), "/devices");
    }

    Result<Reply> vault(store::Tx& tx, const Call& /*call*/) const {
        auto json = nlohmann::json::array();
        for (const auto& item : services_.vault.list(tx)) {
            json.push_back(item_json(tx, item));
        }
        return answer({{"items", json}});
    }

    Result<Reply> devices_page(store::Tx& tx, const Call& call) const {
        Html body(
            step_up_note(*call.session, call.policy, call.moment.now, "/devices"),
            "<p><a href=\"/device-groups\">Device groups</a>: many devices at once, and what the "
            "proof "
            "of each lacks.</p><table><thead><tr><th>Name</th><th>Serial</th><th>Ward</th>"
            "<th>Address</th><th>Archetype</th><th>ePHI</th><th>State</th><th>Credential</th></"
            "tr></thead><tbody>"
        );
        for (const auto& device : directory::list_devices(tx)) {
            const auto item = services_.vault.find(tx, device.id);
            const auto path = "/api/devices/" + device.name.text();
            const Html credential(
                item ? std::string("stored ") : std::string("none "),
                button_form(
                    path + "/credential",
                    "Store",
                    *call.session,
                    Html("<input name=\"user_name\" aria-label=\"User name\" placeholder=\"user\" "
                         "autocomplete=\"off\" required><input name=\"password\" type=\"password\" "
                         "aria-label=\"Password\" placeholder=\"password\" autocomplete=\"off\" "
                         "required>")
                )
            );
            body.add(
                "<tr><td>",
                device.name.text(),
                "</td><td>",
                device.serial,
                "</td><td>",
                device.details.ward,
                "</td><td>",
                device.address,
                ":",
                device.port,
                "</td><td>",
                device.archetype,
                "</td><td>",
                device.details.ephi ? directory::to_text(*device.details.ephi) : std::string(),
                "</td><td>",
                directory::to_text(device.state),
                "</td><td>",
                credential,
                "</td></tr>"
            );
        }
        body.add(
            "</tbody></table><h2>Register a device</h2><form method=\"post\" "
            "action=\"/api/devices\">",
            csrf_field(*call.session),
            input_field("Name (the first part of its address here)", "name", "text", "required"),
            input_field("Serial number", "serial", "text", "required"),
            input_field("Address", "address", "text", "required"),
            input_field("Port", "port", "number", "min=\"1\" max=\"65535\"", "8080"),
            input_field("Archetype", "archetype", "text", "required", "A2"),
            input_field(
                "Patients' data: letters of CRMT (creates, receives, maintains, transmits), or "
                "none",
                "ephi",
                "text",
                "required pattern=\"[CRMTcrmt]{1,4}|none\""
            ),
            input_field("Ward", "ward", "text", "maxlength=\"100\""),
            input_field("Group", "group", "text", ""),
            "<button>Register</button></form>"
        );
        return answer_page(page("Devices", body, call.session, &call.policy));
    }

private:
    [[nodiscard]] nlohmann::json json_of(store::Tx& tx, const directory::Device& device) const {
        const auto& in = device.details.group;
        const auto group = in ? directory::find_device_group(tx, *in) : std::nullopt;
        return device_json(device, group ? &*group : nullptr, services_.site);
    }

    [[nodiscard]] static nlohmann::json item_json(store::Tx& tx, const vault::Item& item) {
        const auto device = directory::find_device(tx, item.device);
        return {
            {"id", item.id.text()},
            {"device", device ? device->name.text() : item.device.text()},
            {"user_name", item.user_name},
            {"version", item.version},
            {"unmaskable", item.unmaskable},
            {"stored_by", login_name(tx, item.stored_by)},
            {"stored_at", to_text(item.stored_at)},
        };
    }

    Services& services_;
};

using Method = Result<Reply> (DeviceHandlers::*)(store::Tx&, const Call&) const;

}  // namespace

std::vector<Route> device_routes(Services& services) {
    const auto handlers = std::make_shared<DeviceHandlers>(services);
    const auto call = [handlers](Method method) -> Handler {
        return [handlers, method](store::Tx& tx, const Call& with) {
            return (*handlers.*method)(tx, with);
        };
    };
    const auto change =
        [&](std::string_view path, Permission permission, std::string_view event, Method method
        ) -> Route {
        return {
            .method = "POST",
            .path = path,
            .access = Access::session,
            .permission = permission,
            .step_up = StepUp::yes,
            .event = event,
            .kind = Kind::write,
            .handler = call(method)
        };
    };
    const auto look = [&](std::string_view path, Permission permission, Method method) -> Route {
        return {
            .method = "GET",
            .path = path,
            .access = Access::session,
            .permission = permission,
            .step_up = policy::needs_step_up_always(permission) ? StepUp::yes : StepUp::no,
            .event = "-",
            .handler = call(method)
        };
    };
    return {
        look("/api/devices", Permission::device_read, &DeviceHandlers::list),
        look("/api/vault", Permission::vault_manage, &DeviceHandlers::vault),
        look("/devices", Permission::device_manage, &DeviceHandlers::devices_page),
        change(
            "/api/devices",
            Permission::device_manage,
            "device.registered",
            &DeviceHandlers::register_one
        ),
        change(
            "/api/devices/{name}/place",
            Permission::device_manage,
            "device.modified",
            &DeviceHandlers::change_place
        ),
        change(
            "/api/devices/{name}/profile",
            Permission::device_manage,
            "device.modified",
            &DeviceHandlers::change_profile
        ),
        change(
            "/api/devices/{name}/retire",
            Permission::device_manage,
            "device.retired",
            &DeviceHandlers::retire
        ),
        change(
            "/api/devices/{name}/credential",
            Permission::vault_manage,
            "vault.secret_stored",
            &DeviceHandlers::store_credential
        ),
    };
}

}  // namespace sallyport::api
