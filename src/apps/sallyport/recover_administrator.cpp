#include "apps/sallyport/recover_administrator.h"

#include "apps/sallyport/host_command.h"
#include "apps/sallyport/open_store.h"

#include "base/config/config.h"
#include "base/core/bytes.h"
#include "base/keys/key_ring.h"
#include "domain/audit/clock_watch.h"
#include "domain/governance/recovery_host.h"
#include "domain/policy/policy_store.h"

#include <fmt/format.h>

#include <iostream>
#include <optional>

namespace sallyport::cli {

namespace {

std::string_view why_not(std::string_view reason) {
    if (reason == "user.unknown") return "there is no such account";
    if (reason == "recovery.not_administrator") {
        return "that account administers nobody; an administrator opens a case for it: sallyport "
               "recovery open";
    }
    if (reason == "recovery.already_open") return "a recovery of that account is under way";
    if (reason == "ticket.account_state") return "that account is pending, disabled or deleted";
    return reason;
}

void tell(const governance::HostRecovery& made) {
    std::cout << fmt::format(
        "Code (shown this once): {}\n"
        "It works at /enrol from {} to {}, or for 15 minutes from when somebody else who may "
        "approves it under Recovery.\n",
        as_text(made.code.expose()),
        to_text(made.ticket_starts_at),
        to_text(made.ticket_ends_at)
    );
    std::cout << fmt::format(
        "{} other people have a notice and can approve or refuse it; the alarm is in the audit "
        "log.\n",
        made.people_told
    );
}

}  // namespace

void recover_administrator(const AdministratorRecovery& given, const World& world) {
    const auto settings = config::load_settings(given.config_file);
    if (!settings) throw CommandFailed(settings.error().detail);
    const auto name = directory::LoginName::parse(given.login_name);
    if (!name) throw CommandFailed(given.login_name + ": that is no login name");
    const auto keys = keys::load_key_ring(settings->keys.master_key);
    const auto database = open_store(*settings);
    const auto moment = moment_on_host(world, *settings);
    const auto by = host_command(given.reason);
    // The server may be running, on an older schema: it is its own to change, at its next start.
    const auto made = database->write([&](store::Tx& tx) -> Result<governance::HostRecovery> {
        const auto highest = audit::highest_time(tx);
        if (highest && *highest - moment.now > audit::clock_behind_max) {
            return refuse(Refusal::denied, "clock.behind");
        }
        const auto policy = policy::policy_in_force(tx);
        return governance::open_host_recovery(tx, moment, *policy, keys, *name, by);
    });
    if (!made) {
        throw CommandFailed(fmt::format("{}: {}", given.login_name, why_not(made.error().reason)));
    }
    tell(*made);
}

}  // namespace sallyport::cli
