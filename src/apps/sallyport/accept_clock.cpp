#include "apps/sallyport/accept_clock.h"

#include "apps/sallyport/data_folder.h"
#include "apps/sallyport/host_command.h"
#include "apps/sallyport/open_store.h"

#include "base/config/config.h"
#include "domain/audit/clock_watch.h"
#include "domain/authn/sign_in.h"
#include "domain/session/session.h"

#include <iostream>

namespace sallyport::cli {

void accept_clock(const AcceptedClock& given, const World& world) {
    const auto settings = config::load_settings(given.config_file);
    if (!settings) throw CommandFailed(settings.error().detail);
    const DataFolder held(settings->server.data_dir);
    const auto database = open_store(*settings);
    store::migrate(*database);
    const auto moment = moment_on_host(world, *settings);
    const auto given_by = host_command(given.reason);
    std::size_t ended = 0;
    const auto accepted = database->write([&](store::Tx& tx) -> Result<void> {
        SP_CHECK(audit::accept_time(tx, moment, given_by));
        const auto by = audit::system_actor("operator");
        ended = session::end_everybody(tx, moment, session::EndCause::admin, by);
        authn::bring_back_times(tx, moment);
        return {};
    });
    if (!accepted) {
        throw CommandFailed(
            "the clock (" + to_text(moment.now) +
            ") is not behind the time on record; there is nothing to accept"
        );
    }
    std::cout << "Accepted " << to_text(moment.now) << " as the present time. " << ended
              << " people were signed out, tickets issued by the wrong clock are revoked.\n"
              << "Next: start the server, and look at what `sallyport audit list` says of that "
                 "time.\n";
}

}  // namespace sallyport::cli
