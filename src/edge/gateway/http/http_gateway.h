#pragma once
// The only way to a device's web page. TLS and the host name chose the device; here come the
// session of that host, the notice, the grant, the decision for every request, the device's
// profile, the visit with its recording and the vault's loan, and then the exchange itself. Without
// a session not a byte reaches a device (S1-59).

#include "edge/gateway/http/gateway_services.h"
#include "edge/gateway/http/visit.h"
#include "edge/gateway/protocol_entry.h"
#include "edge/http/server.h"

#include <chrono>
#include <memory>
#include <string_view>
#include <vector>

namespace sallyport::gateway {

// Thread-safe. Must outlive the server that serves its handler.
class HttpGateway {
public:
    // Throws Fault if the entry is not whole (check_whole).
    explicit HttpGateway(
        const Services& services,
        const GatewayLimits& limits = {},
        const ProtocolEntry& entry = http_entry
    );
    ~HttpGateway();
    HttpGateway(const HttpGateway&) = delete;
    HttpGateway& operator=(const HttpGateway&) = delete;
    HttpGateway(HttpGateway&&) = delete;
    HttpGateway& operator=(HttpGateway&&) = delete;

    // For http::Sites.
    [[nodiscard]] http::ConnectionHandler handler();
    // One label under the device suffix; whether there is such a device is told after sign-in only.
    [[nodiscard]] bool is_device_host(std::string_view host) const;

    // What is open now, for those who may watch. To end one: Leases::cut_connection.
    [[nodiscard]] std::vector<OpenVisit> list() const;

    // Every 250 ms, from any thread; returns at once. Cuts leases that are over, has those decided
    // anew that an older policy allowed, ends visits that are idle, whose session has ended (also
    // on another node), or that can't be recorded any longer.
    void tick();

    // No new visits. Lets running exchanges finish (GatewayLimits::finish_max), then ends the
    // visits, recorded to their end. Blocks, at most `time_max`; after the server began to drain,
    // so that no exchange follows, and before it is stopped, since its threads are needed. False:
    // some were not closed in time, and are settled at the next start.
    bool stop(std::chrono::milliseconds time_max = std::chrono::seconds(10));

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace sallyport::gateway
