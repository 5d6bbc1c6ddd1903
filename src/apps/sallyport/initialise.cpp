#include "apps/sallyport/initialise.h"

#include "apps/sallyport/command.h"
#include "apps/sallyport/commands/output_file.h"

#include "base/config/config.h"
#include "base/keys/key_ring.h"
#include "base/keys/log_key.h"
#include "edge/http/demo_certificate.h"

#include <fmt/format.h>

#include <filesystem>
#include <iostream>

namespace sallyport::cli {

namespace {

namespace fs = std::filesystem;

std::string configuration(const InitOptions& options) {
    const auto listen = options.demo ? "127.0.0.1" : "0.0.0.0";
    auto text = fmt::format(
        R"(# Written by `sallyport init`. docs/sallyport.example.toml tells what more can be said here.

[server]
node = "gate-1"
data_dir = "data"
sign_in_host = "{}"
device_suffix = "{}"
demo = {}
public_port = {}

[listen]
https = "{}:{}"

)",
        options.sign_in_host,
        options.device_suffix,
        options.demo,
        options.port,
        listen,
        options.port
    );
    if (options.demo) {
        text += R"([[tls.certificates]]
certificate = "tls/demo-cert.pem"
key = "tls/demo-key.pem"

)";
    } else {
        text += fmt::format(
            R"([[tls.certificates]]
certificate = "tls/{0}.pem"
key = "tls/{0}.key"

[[tls.certificates]]
certificate = "tls/{1}.pem"
key = "tls/{1}.key"

)",
            options.sign_in_host,
            options.device_suffix
        );
    }
    return text + R"([keys]
master_key = "keys/master.key"
log_key = "keys/log.key"

[audit]
anchor_dir = "anchors"
)";
}

void make_private_folder(const fs::path& folder) {
    fs::create_directories(folder);
    fs::permissions(folder, fs::perms::owner_all, fs::perm_options::replace);
}

}  // namespace

void initialise(const InitOptions& options, const Clock& clock) {
    const fs::path folder = options.folder;
    const auto file = folder / "sallyport.toml";
    if (fs::exists(file)) {
        throw CommandFailed(file.string() + " exists; init changes nothing that is there");
    }
    for (const auto* const name : {"", "data", "keys", "tls", "anchors"}) {
        make_private_folder(folder / name);
    }
    keys::create_master_key(folder / "keys/master.key");
    keys::create_log_key(folder / "keys/log.key");
    if (options.demo) {
        static_cast<void>(http::make_demo_certificates(
            folder / "tls", {options.sign_in_host, "*." + options.device_suffix}, clock.now()
        ));
    }
    write_private_file(file, configuration(options));
    std::cout << "Made " << file.string() << ", its keys and its folders.\n";
    if (!options.demo) {
        std::cout << "Next: put the certificates it names under " << (folder / "tls").string()
                  << ", then run: sallyport config check --config " << file.string() << '\n';
    }
}

}  // namespace sallyport::cli
