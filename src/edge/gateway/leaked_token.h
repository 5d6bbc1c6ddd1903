#pragma once
// A session's token that stood in a URL is in histories, logs and referrers by now: it is dead from
// here on (S0-73), on the sign-in host as on a device's.

#include "base/core/moment.h"
#include "base/store/database.h"
#include "domain/audit/event.h"
#include "domain/audit/repeats.h"
#include "domain/policy/lease.h"
#include "domain/session/session_cache.h"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace sallyport::gateway {

struct LeakServices {
    store::Database& database;
    session::SessionCache& sessions;
    policy::Leases& leases;
    const MomentSource& moments;
    const audit::Repeats& repeats;
};

// Writes detect.alert, and ends the session that `token` opens, if there is one, with its visits.
// Anybody can invent tokens: those are counted, and cost no write. `token` may be empty (a
// parameter of that name with some other value). `finder` names the part that noticed.
[[nodiscard]] boost::asio::awaitable<void> end_leaked_session(
    LeakServices services, std::string token, audit::Actor finder
);

}  // namespace sallyport::gateway
