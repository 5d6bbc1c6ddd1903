#pragma once
// The operator's file: TOML, refused with file, line and column of every mistake.

#include "base/config/settings.h"
#include "base/core/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::config {

// Where a text comes from: decides what its relative paths and credentials mean.
struct Origin {
    std::string file;  // named in mistakes; its folder is where paths start
    std::optional<std::string> credentials_dir;  // where "systemd-cred:NAME" is looked for
};

// Refuses "config.refused". The detail has a line "file:line:column: what is wrong and what to do"
// per mistake and never quotes a value, since a value may be a secret that is in the wrong place.
// A literal secret, a name that we don't know and a value out of bounds are mistakes.
[[nodiscard]] Result<Settings> parse_settings(std::string_view text, const Origin& origin);

// The same for a file of at most 1 MiB; $CREDENTIALS_DIRECTORY is read here. Refuses
// "config.unreadable" too.
[[nodiscard]] Result<Settings> load_settings(const std::string& path);

struct Finding {
    enum Severity : std::uint8_t {
        warning,  // the server starts, and says so
        error,    // it doesn't
    };

    Severity severity;
    std::string text;  // the thing, the reason, the remedy

    friend bool operator==(const Finding&, const Finding&) = default;
};

// Looks at what the file can't know: folders, key files and their modes, hosts that would let
// devices reach the console's cookies. Empty: all is well.
[[nodiscard]] std::vector<Finding> check_settings(const Settings& settings);

}  // namespace sallyport::config
