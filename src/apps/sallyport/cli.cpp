#include "apps/sallyport/command.h"
#include "apps/sallyport/command_table.h"
#include "apps/sallyport/usage.h"

#include <CLI/CLI.hpp>

#include <exception>
#include <iostream>

namespace sallyport::cli {

void add_all_commands(CLI::App& app, World world) {
    add_server_commands(app, world);
    add_session_commands(app);
    add_user_commands(app);
    add_authenticator_commands(app);
    add_recovery_commands(app, world);
    add_incident_commands(app);
    add_device_commands(app);
    add_device_group_commands(app);
    add_grant_commands(app);
    add_policy_commands(app);
    add_recording_commands(app);
    add_audit_commands(app, world);
    add_backup_commands(app, world);
    add_breach_list_commands(app, world);
    add_posture_commands(app, world);
    add_metadata_commands(app, world);
    add_badge_commands(app, world);
}

int run(int argc, const char* const* argv, World world) {
    CLI::App app("Sallyport: the guarded entry for clinical systems", "sallyport");
    app.require_subcommand(1);
    app.fallthrough();
    app.footer("Each command tells more with --help. docs/operations.md is the manual.");
    add_all_commands(app, world);
    constexpr int not_understood = 2;
    try {
        check_commands(app);
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);  // --help
        std::cerr << explain_usage(app, argc, argv, error) << '\n';
        return not_understood;
    } catch (const std::exception& failed) {
        std::cerr << "sallyport: " << failed.what() << '\n';
        return 1;
    }
    return 0;
}

}  // namespace sallyport::cli
