#include "apps/sallyport/host_command.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <optional>
#include <string_view>

namespace sallyport::cli {

namespace {

std::optional<uid_t> uid_of(std::string_view text) {
    uid_t uid = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), uid);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    constexpr auto unknown = std::numeric_limits<uid_t>::max();
    return whole && uid != unknown ? std::optional(uid) : std::nullopt;
}

// "1001(anna)"; the number alone if the system has no name for it.
std::string named(uid_t uid) {
    constexpr std::size_t room = 16384;
    std::array<char, room> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    if (getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
        return std::to_string(uid);
    }
    return fmt::format("{}({})", uid, entry.pw_name);
}

}  // namespace

HostUser host_user() {
    HostUser user{.uid = geteuid()};
    std::ifstream("/proc/self/loginuid") >> user.login_uid;
    // There is one thread.
    if (const char* const uid = std::getenv("SUDO_UID")) {  // NOLINT(concurrency-mt-unsafe)
        user.sudo_uid = uid;
    }
    return user;
}

std::string os_user(const HostUser& user) {
    auto text = "uid=" + named(user.uid);
    if (const auto login = uid_of(user.login_uid)) text += " login=" + named(*login);
    const auto sudo = uid_of(user.sudo_uid);
    if (user.uid == 0 && sudo) text += " sudo=" + named(*sudo);
    return text;
}

audit::HostCommand host_command(const std::string& reason) {
    return {os_user(host_user()), reason};
}

Moment moment_on_host(const World& world, const config::Settings& settings) {
    return {
        world.clock.now(),
        world.clock.monotonic(),
        ClockState::unsynchronised,
        world.random,
        settings.server.node
    };
}

}  // namespace sallyport::cli
