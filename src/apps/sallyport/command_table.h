#pragma once
// The command line's part of the one table: every command says which routes it may call, whose
// permission, step-up and audit event are then its own (api::Route), or that it works on files
// alone, why it may, and which event it leaves. A command that is missing here does not start, and
// one that calls what it did not declare fails before a byte is sent.

#include <span>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace sallyport::cli {

struct CommandEntry {
    std::string_view name;    // "user create"
    std::string_view routes;  // "GET /api/users, POST /api/users"; empty: it asks no server
    std::string_view alone;   // why it needs none; for these only
    std::string_view event;   // the audit event that it then leaves itself; "-" for none
};

[[nodiscard]] std::span<const CommandEntry> command_entries() noexcept;
// Null if there is none of that name.
[[nodiscard]] const CommandEntry* find_command(std::string_view name) noexcept;

// "user create", from the application down.
[[nodiscard]] std::string command_name(const CLI::App& command);

// Whether one of its routes fits; POST /api/step-up fits for each that has routes.
[[nodiscard]] bool may_call(
    const CommandEntry& entry, std::string_view method, std::string_view path
);

// Throws Fault naming the command that is in the application or in the table alone, or whose entry
// is not whole.
void check_commands(const CLI::App& app);

}  // namespace sallyport::cli
