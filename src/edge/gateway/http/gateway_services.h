#pragma once
// What the gateway works with. Built by apps/sallyport and outliving the gateway.

#include "base/core/moment.h"
#include "base/core/time.h"
#include "base/store/database.h"
#include "domain/audit/repeats.h"
#include "domain/directory/device_address.h"
#include "domain/policy/current_policy.h"
#include "domain/policy/lease.h"
#include "domain/recording/recorder.h"
#include "domain/session/session_cache.h"
#include "domain/vault/vault.h"
#include "edge/gateway/http/gateway_site.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace sallyport::gateway {

struct Services {
    store::Database& database;
    session::SessionCache& sessions;
    const policy::CurrentPolicy& policy;
    policy::Leases& leases;
    const vault::Vault& vault;
    recording::Recorder& recorder;
    const Clock& clock;
    const MomentSource& moments;
    GatewaySite site;
    // Where a device may be: told by the address that was connected to, before a byte is sent,
    // since a name may resolve to anything by then. `own` are this server's own sockets.
    directory::AddressRules address_rules = directory::AddressRules::strict;
    std::vector<directory::Listener> own = {};
    // Set while the audit log is not trustworthy: no visit begins, and those that run end. (No
    // default: it was forgotten once, and visits went on through the alarm.)
    const std::atomic<bool>& alarm;
    audit::Repeats repeats = {};  // of what strangers can cause without end
};

struct GatewayLimits {
    std::size_t visits_max = 1000;
    std::size_t sockets_per_visit_max = 16;       // a device of that age has few
    std::uint64_t gathered_body_max = 4U << 20U;  // of a chunked request, gathered for its length
    std::chrono::milliseconds cut_grace{2'000};  // to tell a person why, before their socket closes
    std::chrono::milliseconds finish_max{5'000};  // for running exchanges when the server stops
    std::chrono::seconds refusal_repeat{10};      // the same refusal is audited once in so long
    // An old device closes its connection after each answer, and is not asked who it is before
    // each.
    std::chrono::seconds identity_stands_for{10};
    std::chrono::milliseconds end_pause{2'000};  // until a visit's end that the store refused is
                                                 // offered again
};

}  // namespace sallyport::gateway
