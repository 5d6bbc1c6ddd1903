#include "apps/sallyport/initialise.h"

#include "apps/sallyport/command.h"
#include "apps/sallyport/commands/output_file.h"

#include "base/config/host_name.h"
#include "base/keys/key_ring.h"
#include "base/keys/log_key.h"
#include "edge/http/demo_certificate.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <utility>

namespace sallyport::cli {

namespace {

namespace fs = std::filesystem;

std::string configuration(const InitOptions& options) {
    const auto listen = options.demo ? "127.0.0.1" : "0.0.0.0";
    auto text = fmt::format(
        R"(# Written by `sallyport init`. docs/sallyport.example.toml tells what more can be said here.

[server]
node = "gate-1"
data_dir = "{}"
sign_in_host = "{}"
device_suffix = "{}"
demo = {}
public_port = {}

[listen]
https = "{}:{}"

)",
        options.data_folder,
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
    return text + fmt::format(
                      R"([keys]
master_key = "keys/master.key"
log_key = "keys/log.key"

[audit]
anchor_dir = "{}"
)",
                      options.anchor_folder
                  );
}

// What the server would refuse to start with, said before anything is made.
void require_good_names(const InitOptions& options) {
    for (const auto& [option, name] :
         {std::pair("--host", options.sign_in_host),
          std::pair("--device-suffix", options.device_suffix)}) {
        if (config::is_host_name(name)) continue;
        throw CommandFailed(fmt::format(
            "{} {}: must be a host name in lower case, such as sallyport.example.org", option, name
        ));
    }
    const auto domain = config::registrable_domain(options.sign_in_host);
    if (options.demo || domain != config::registrable_domain(options.device_suffix)) return;
    throw CommandFailed(fmt::format(
        "--host {} and --device-suffix {} share the domain {}: a device's page could set cookies "
        "for the console; use a domain of its own for devices",
        options.sign_in_host,
        options.device_suffix,
        domain
    ));
}

// One that is there, a mount from another machine perhaps, stays as it is; `config check` looks at
// its mode.
void make_private_folder(const fs::path& folder) {
    if (fs::exists(folder)) return;
    fs::create_directories(folder);
    fs::permissions(folder, fs::perms::owner_all, fs::perm_options::replace);
}

// What root makes here, the server's user could not read. (Root's own folder is root's choice.)
void require_own(const fs::path& folder) {
    struct stat status{};
    if (stat(folder.c_str(), &status) != 0 || status.st_uid == geteuid()) return;
    throw CommandFailed(fmt::format(
        "{0} belongs to user id {1}, who could not read what you make; run it as that user: "
        "runuser -u $(stat -c %U {0}) -- sallyport init …",
        folder.string(),
        status.st_uid
    ));
}

// They go into a TOML string as they are.
void require_plain(const std::string& text) {
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\' || byte < ' ' || byte == 0x7f) {
            throw CommandFailed("a name or folder with quotes, backslashes or controls won't do");
        }
    }
}

}  // namespace

void initialise(const InitOptions& options, const Clock& clock) {
    for (const auto& text :
         {options.sign_in_host, options.device_suffix, options.data_folder, options.anchor_folder
         }) {
        require_plain(text);
    }
    const fs::path folder = options.folder;
    require_own(folder);
    const auto file = folder / "sallyport.toml";
    if (fs::exists(file)) {
        throw CommandFailed(
            file.string() + " exists; init changes nothing that is there, give another --dir"
        );
    }
    require_good_names(options);
    make_private_folder(folder);
    for (const std::string& name :
         {options.data_folder, std::string("keys"), std::string("tls"), options.anchor_folder}) {
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
