#pragma once
// What every command is made of, and how it fails.

#include "base/core/fault.h"
#include "base/core/random.h"
#include "base/core/time.h"

namespace CLI {
class App;
}

namespace sallyport::cli {

// The world outside the process: the shipped binary's is the system's, sallyport-testable's has a
// clock that its control socket moves.
struct World {
    Clock& clock;
    Random& random;
};

// The command did not do what was asked; the text says what, why and what to do next. Exit code 1.
class CommandFailed final : public Fault {
public:
    using Fault::Fault;
};

// Each adds its subcommands to the application; their callbacks do the work. One file per group.
void add_server_commands(CLI::App& app, World world);  // init, serve, config check, version
void add_session_commands(CLI::App& app);              // login, logout, whoami
void add_user_commands(CLI::App& app);
void add_authenticator_commands(CLI::App& app);  // one's own
void add_recovery_commands(CLI::App& app, World world);
void add_incident_commands(CLI::App& app);  // what people report
void add_device_commands(CLI::App& app);    // device, vault
void add_device_group_commands(CLI::App& app);
void add_grant_commands(CLI::App& app);
void add_policy_commands(CLI::App& app);
void add_recording_commands(CLI::App& app);
void add_audit_commands(CLI::App& app, World world);
void add_backup_commands(CLI::App& app, World world);  // backup, restore
void add_breach_list_commands(CLI::App& app, World world);
void add_posture_commands(CLI::App& app, World world);
void add_metadata_commands(CLI::App& app, World world);  // of authenticators
void add_badge_commands(CLI::App& app, World world);     // a workstation's reader

// All of the above.
void add_all_commands(CLI::App& app, World world);

// The whole command line, if its table is whole (command_table.h). Returns the
// exit code: 0 done, 1 refused or failed, 2 not understood.
int run(int argc, const char* const* argv, World world);

}  // namespace sallyport::cli
