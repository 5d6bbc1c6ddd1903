#pragma once
// The beginning and the end of a visit: decided, admitted by the recorder, written to the audit log
// with the vault's loan in one transaction, and at the end sealed and written again.

#include "base/core/result.h"
#include "edge/gateway/http/gateway_services.h"
#include "edge/gateway/http/session_door.h"
#include "edge/gateway/http/visits.h"
#include "edge/gateway/protocol_entry.h"
#include "edge/http/message.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace sallyport::gateway {

// "pump-07" of "pump-07.gate.example"; empty if `host` is not one label under the device suffix.
[[nodiscard]] std::string_view device_label(
    const GatewaySite& site, std::string_view host
) noexcept;

class VisitOpening {
public:
    VisitOpening(
        const Services& services,
        const GatewayLimits& limits,
        const ProtocolEntry& entry,
        Visits& visits
    )
        : services_(services), limits_(limits), entry_(entry), visits_(visits) {}

    // The running visit of this session to this host, or a new one. Refuses as policy::decide,
    // vault::Vault::lend and recording::Recorder::admit do, "gateway.visits_full",
    // "gateway.stopping", not_found "device.unknown", denied "device.retired". Refusals are audited
    // (pam.connect_denied), the same one once in refusal_repeat. All but unauthenticated
    // "handoff.due": this session has had its visit, or its minute to open one; a new handoff is
    // due, which costs the person nothing.
    [[nodiscard]] boost::asio::awaitable<Result<std::shared_ptr<Visit>>> visit_of(
        const Known& known, const http::Request& request
    );

    // pam.request_refused, likewise; device.identity_mismatch where another device answered.
    [[nodiscard]] boost::asio::awaitable<void> audit_refused_request(
        const Visit& visit, const Known& known, const http::Request& request, const Refusal& refusal
    );

private:
    struct Admission;

    [[nodiscard]] boost::asio::awaitable<Result<std::shared_ptr<Visit>>> open(
        const Known& known, const http::Request& request
    );
    [[nodiscard]] boost::asio::awaitable<Result<std::shared_ptr<Visit>>> open_admitted(
        const Known& known, const http::Request& request
    );
    [[nodiscard]] Result<Admission> admit(
        store::Tx& tx,
        const policy::Policy& policy,
        const session::Session& session,
        std::string_view host,
        const Moment& moment
    ) const;
    [[nodiscard]] boost::asio::awaitable<Result<void>> take_up(
        std::shared_ptr<Visit> visit, const policy::Permit& permit
    );
    [[nodiscard]] boost::asio::awaitable<void> audit_denied(
        const Known& known, const http::Request& request, const Refusal& refusal
    );
    [[nodiscard]] bool is_repeated(const SessionId& session, const std::string& what);

    const Services& services_;
    const GatewayLimits& limits_;
    const ProtocolEntry& entry_;
    Visits& visits_;
    std::mutex mutex_;
    std::map<std::pair<SessionId, std::string>, Duration> refused_at_;
};

// Seals the recording, wipes the credential, writes pam.disconnect and rec.sealed, which wait where
// the store takes nothing for a while, and takes the visit off the list. Never throws: what fails
// is logged, and settled at the next start.
[[nodiscard]] boost::asio::awaitable<void> close_visit(
    const Services& services,
    const GatewayLimits& limits,
    Visits& visits,
    std::shared_ptr<Visit> visit
);

}  // namespace sallyport::gateway
