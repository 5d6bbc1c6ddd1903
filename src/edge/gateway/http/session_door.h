#pragma once
// Who asks: the session behind a device host's cookie, and the handoff that sets it.

#include "base/core/result.h"
#include "domain/audit/event.h"
#include "domain/session/session.h"
#include "edge/gateway/http/gateway_services.h"
#include "edge/http/handoff.h"
#include "edge/http/message.h"

#include <boost/asio/awaitable.hpp>

#include <memory>

namespace sallyport::gateway {

struct Known {
    std::shared_ptr<const session::Session> session;
    session::TokenDigest digest;
};

class SessionDoor {
public:
    explicit SessionDoor(const Services& services);
    ~SessionDoor() = default;
    SessionDoor(const SessionDoor&) = delete;
    SessionDoor& operator=(const SessionDoor&) = delete;
    SessionDoor(SessionDoor&&) = delete;
    SessionDoor& operator=(SessionDoor&&) = delete;

    // From memory if it is there. Refuses unauthenticated "session.missing" (no cookie, or none of
    // this host's) and "session.ended".
    [[nodiscard]] boost::asio::awaitable<Result<Known>> known(const http::Request& request) const;

    // Whether its person has accepted the notice, in force now, that visits are recorded.
    [[nodiscard]] boost::asio::awaitable<bool> notice_accepted(const session::Session& session
    ) const;

    // What to answer instead of the device: the begin of a handoff. After "session.ended" the
    // browser is first told to forget what this host left behind.
    [[nodiscard]] http::Response ask(const http::Request& request, const Refusal& why) const;

    // GET handoff_return_path: the code becomes a session of this host.
    [[nodiscard]] boost::asio::awaitable<http::Response> redeem(http::Request request) const;

private:
    [[nodiscard]] boost::asio::awaitable<Result<crypto::Secret>> exchange_code(
        std::string code, std::string host, crypto::Sha256Digest nonce_digest, http::Request request
    ) const;

    const Services& services_;
    http::HandoffReceiver handoff_;
};

// Where a request comes from, and on whose behalf it is, for audit events.
[[nodiscard]] audit::Where where_from(const http::Request& request, const policy::Policy& policy);
[[nodiscard]] audit::Actor actor_of(
    const session::Session& session,
    const http::Request& request,
    const policy::Policy& policy,
    Time now
);

// Tells the browser to drop what the device left in it: caches, storage, and the cookies that the
// request showed. (Clear-Site-Data's "cookies" would take those of the neighbouring hosts too.)
void forget_device(const http::Request& request, http::Response& response);

}  // namespace sallyport::gateway
