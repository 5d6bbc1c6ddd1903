#pragma once
// What the commands have in common that work on the server's host, on its own files: nobody signs
// in, so what they leave names whom the operating system says it was, and why.

#include "apps/sallyport/command.h"

#include "base/config/settings.h"
#include "base/core/moment.h"
#include "domain/audit/host_command.h"

#include <sys/types.h>

#include <string>

namespace sallyport::cli {

// What the system tells of this process's user.
struct HostUser {
    // Written out, so that a caller may name only some.
    uid_t uid = 0;
    // Who signed in to the host: kept by su, sudo and runuser, and not changed without privilege.
    std::string login_uid = {};  // of /proc/self/loginuid; empty or 4294967295: unknown
    std::string sudo_uid = {};   // SUDO_UID
};

[[nodiscard]] HostUser host_user();
// "uid=998(sallyport) login=1001(anna) sudo=1001(anna)". What sudo says counts if the process is
// root's: anybody else could have set the variable.
[[nodiscard]] std::string os_user(const HostUser& user);

// For the record of what this process does.
[[nodiscard]] audit::HostCommand host_command(const std::string& reason);

[[nodiscard]] Moment moment_on_host(const World& world, const config::Settings& settings);

}  // namespace sallyport::cli
