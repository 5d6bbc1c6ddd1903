#include "base/keys/process_hardening.h"

#include "base/core/fault.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <string>
#include <string_view>

namespace sallyport::keys {
namespace {

// A secret may start with a slash too, but hardly goes on like a path: printable, one line, short.
bool is_path(std::string_view value) {
    constexpr std::size_t path_size_max = 4096;
    if (value.empty() || value.size() > path_size_max || value.contains('\n')) return false;
    return value.front() == '/' || ::access(std::string(value).c_str(), F_OK) == 0;
}

bool is_postgres_url_with_password(std::string_view value) {
    if (!value.starts_with("postgres://") && !value.starts_with("postgresql://")) return false;
    if (value.contains("password=")) return true;
    value.remove_prefix(value.find("://") + 3);
    const auto at = value.find('@');
    return at != std::string_view::npos && value.substr(0, at).contains(':');
}

std::unexpected<Refusal> secret_in(std::string_view name, std::string_view reason) {
    return refuse(
        Refusal::invalid,
        "environment.secret",
        fmt::format(
            "environment variable {} {}; unset it, put the secret into a file with mode 0600 or a "
            "systemd credential, and refer to that",
            name,
            reason
        )
    );
}

}  // namespace

void harden_process() {
    const rlimit none{.rlim_cur = 0, .rlim_max = 0};
    if (::setrlimit(RLIMIT_CORE, &none) != 0) throw Fault("core dumps can't be switched off");
    if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
        throw Fault("the process can't be made undumpable");
    }
}

Result<void> check_environment(const char* const* environment) {
    for (; *environment != nullptr; ++environment) {
        const std::string_view entry(*environment);
        const auto equals = entry.find('=');
        if (equals == std::string_view::npos) continue;
        const auto name = entry.substr(0, equals);
        const auto value = entry.substr(equals + 1);
        if (name == "PGPASSWORD") return secret_in(name, "holds the database's password");
        if (name.starts_with("SALLYPORT_") && !is_path(value)) {
            return secret_in(name, "holds something that is no path");
        }
        if (is_postgres_url_with_password(value)) {
            return secret_in(name, "holds a URL with a password");
        }
    }
    return {};
}

}  // namespace sallyport::keys
