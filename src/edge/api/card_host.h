#pragma once
// The card host: a listener of its own that demands a client certificate, without TLS session
// resumption, one request for each handshake. It answers a code that the sign-in host has just
// given, and nothing else (S1-22).

#include "domain/authn/certificate/certificate_trust.h"
#include "domain/authn/context.h"
#include "edge/api/services.h"
#include "edge/http/message.h"
#include "edge/http/work_pool.h"

#include <boost/asio/awaitable.hpp>

namespace sallyport::api {

class CardHost {
public:
    // `services` and `authn` must outlive it. `ask` and `trust` are called on threads of a pool.
    CardHost(
        Services& services,
        const authn::Context& authn,
        authn::CertificateTrustSource trust,
        authn::AskResponder ask
    );

    // Judges the request's client certificate and sends the browser back to the sign-in host,
    // whatever it came to. 404 for anything but a code that is good now.
    [[nodiscard]] boost::asio::awaitable<http::Response> handle(http::Request request);

private:
    [[nodiscard]] audit::Where where_of(const http::Request& request) const;
    [[nodiscard]] http::Response nothing_here(const http::Request& request) const;

    Services& services_;
    const authn::Context& authn_;
    authn::CertificateTrustSource trust_;
    authn::AskResponder ask_;
    http::WorkPool pool_;
};

}  // namespace sallyport::api
