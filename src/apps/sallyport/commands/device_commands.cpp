#include "apps/sallyport/api_client.h"
#include "apps/sallyport/command.h"
#include "apps/sallyport/commands/client_command.h"
#include "apps/sallyport/json_file.h"
#include "apps/sallyport/print.h"
#include "apps/sallyport/terminal.h"

#include "base/core/bytes.h"
#include "edge/http/message.h"

namespace sallyport::cli {

namespace {

std::string path_of(const Options& given, std::string_view what) {
    return "/api/devices/" + http::percent_encoded(given.name) + "/" + std::string(what);
}

void declare_name(CLI::App& command, Options& given) {
    command.add_option("name", given.name, "The device's name")->required();
}

void add_port(CLI::App& command, Options& given) {
    command.add_option_function<int>(
        "--port",
        [&given](int port) { given.body["port"] = port; },
        "The port of its web page (8080)"
    );
}

void add_details(CLI::App& command, Options& given) {
    add_member(
        command,
        given,
        "--ephi",
        "ephi",
        "What it does with patients' data: letters of CRMT (creates, receives, maintains, "
        "transmits), or none"
    )
        ->required();
    add_member(command, given, "--ward", "ward", "Where it stands");
    add_member(command, given, "--mac", "mac", "Its MAC address");
    add_member(command, given, "--group", "group", "The group it is in");
}

void register_device(ApiClient& client, Options& given) {
    given.body["name"] = given.name;
    if (!given.output.empty()) given.body["profile"] = json_object_file(given.output);
    print_object(client.expect("POST", "/api/devices", &given.body), given.as_json);
}

// The secret comes from the terminal or standard input; no argument can hold one.
void set_credential(ApiClient& client, Options& given) {
    const auto password = ask_secret("The device's password");
    given.body["password"] = as_text(password.expose());
    print_object(client.expect("POST", path_of(given, "credential"), &given.body), given.as_json);
}

void add_registration(CLI::App& device) {
    add_client_command(
        device,
        "register",
        "Register a device",
        [](CLI::App& command, Options& given) {
            declare_name(command, given);
            add_member(command, given, "--serial", "serial", "Its serial number")->required();
            add_member(command, given, "--address", "address", "Its address")->required();
            add_port(command, given);
            add_member(command, given, "--archetype", "archetype", "Its archetype, e.g. A2")
                ->required();
            add_details(command, given);
            command.add_option("--profile", given.output, "A device profile as JSON")
                ->check(CLI::ExistingFile);
        },
        register_device
    );
}

void add_placing(CLI::App& device) {
    add_client_command(
        device,
        "place",
        "Say anew where a device is and what covers it; what is left out is no longer there",
        [](CLI::App& command, Options& given) {
            declare_name(command, given);
            add_member(command, given, "--address", "address", "Its address")->required();
            add_port(command, given);
            add_details(command, given);
            command
                .add_option(
                    "--interfaces", given.output, "Its interfaces as JSON, if not its group's"
                )
                ->check(CLI::ExistingFile);
        },
        [](ApiClient& client, Options& given) {
            if (!given.output.empty()) {
                given.body["interfaces"] = json_list_file(given.output).dump();
            }
            print_object(
                client.expect("POST", path_of(given, "place"), &given.body), given.as_json
            );
        }
    );
}

void add_storing(CLI::App& parent, const std::string& name) {
    add_client_command(
        parent,
        name,
        "Store a device's service credential, asked for here; it is never shown again",
        [](CLI::App& command, Options& given) {
            declare_name(command, given);
            add_member(command, given, "--user-name", "user_name", "The device's user name")
                ->required();
        },
        set_credential
    );
}

}  // namespace

void add_device_commands(CLI::App& app) {
    auto* const device = app.add_subcommand("device", "Medical devices");
    device->require_subcommand(1);
    add_client_command(
        *device,
        "list",
        "All devices",
        [](CLI::App&, Options&) {},
        [](ApiClient& client, Options& given) {
            print_list(
                client.expect("GET", "/api/devices")["devices"],
                {"name", "serial", "ward", "address", "port", "archetype", "group", "state", "url"},
                given.as_json
            );
        }
    );
    add_registration(*device);
    add_placing(*device);
    add_client_command(
        *device,
        "profile",
        "Replace a device's profile",
        [](CLI::App& command, Options& given) {
            declare_name(command, given);
            command.add_option("--profile", given.output, "A device profile as JSON")
                ->required()
                ->check(CLI::ExistingFile);
        },
        [](ApiClient& client, Options& given) {
            given.body["profile"] = json_object_file(given.output);
            print_object(
                client.expect("POST", path_of(given, "profile"), &given.body), given.as_json
            );
        }
    );
    add_client_command(
        *device,
        "retire",
        "Retire a device; open visits end",
        declare_name,
        [](ApiClient& client, Options& given) {
            print_object(client.expect("POST", path_of(given, "retire")), given.as_json);
        }
    );
    add_storing(*device, "set-credential");

    auto* const vault =
        app.add_subcommand("vault", "Stored device credentials (never their values)");
    vault->require_subcommand(1);
    add_storing(*vault, "put");
    add_client_command(
        *vault,
        "list",
        "What is stored",
        [](CLI::App&, Options&) {},
        [](ApiClient& client, Options& given) {
            print_list(
                client.expect("GET", "/api/vault")["items"],
                {"device", "user_name", "version", "unmaskable", "stored_by", "stored_at"},
                given.as_json
            );
        }
    );
}

}  // namespace sallyport::cli
