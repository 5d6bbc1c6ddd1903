#pragma once
// The listeners: one io_context per core, all bound to the same address by SO_REUSEPORT; a
// connection stays on its core. TLS always; the plain port only sends people to TLS.

#include "edge/http/connection.h"
#include "edge/http/ip_set.h"
#include "edge/http/message.h"
#include "edge/http/security_headers.h"
#include "edge/http/tls.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::http {

struct Endpoint {
    std::string address = "127.0.0.1";  // an IP address; "::" listens on IPv4 too
    std::uint16_t port = 0;             // 0: any free one
};

struct ServerSettings {
    std::vector<Endpoint> tls;
    std::vector<Endpoint> redirect;   // plain HTTP: 308 to https, reads no body and no credential
    std::uint16_t public_port = 443;  // the port in the redirects
    int cores = 0;                    // 0: as many as the machine has
    std::size_t connections_max = 8192;                    // over it: 503 and closed
    std::size_t connections_per_peer_max = 512;            // over it: closed at once
    std::size_t body_size_max = std::size_t{1024} * 1024;  // of one request to the sign-in host
    // Of all of them at a time; over it: 503.
    std::size_t bodies_size_max = std::size_t{128} * 1024 * 1024;
    std::chrono::milliseconds drain_max{20'000};
    ConnectionRules rules;
    // Peers that must begin with a PROXY protocol v2 header. Empty: nobody's is read.
    IpSet proxy_protocol_peers;
    SecurityHeaders security;
};

// One request in, one answer out; for the sign-in host. The security headers are added behind it.
// A thrown fault becomes a 500 with an incident number (store::Overloaded and http::Overloaded: a
// 503), logged once.
using SiteHandler = std::function<boost::asio::awaitable<Response>(Request)>;

// A device host: the handler takes the connection over with its first request, streams bodies
// both ways, and asks for the next head itself. `request` belongs to `head`; its body is not yet
// read. It makes further requests by request_from, and answers 421 to another host than the first.
// When it returns, the connection is closed. What it throws is logged and ends the connection.
using ConnectionHandler =
    std::function<boost::asio::awaitable<void>(std::shared_ptr<Connection>, RequestHead, Request)>;

struct Sites {
    std::string sign_in_host;  // lower case, without a port
    SiteHandler sign_in;
    std::function<bool(std::string_view host)> is_device_host;  // on any core
    ConnectionHandler device;
};

// For a server that has one host and no devices.
[[nodiscard]] Sites one_site(std::string host, SiteHandler handler);

class Server {
public:
    // Binds every endpoint. Throws Fault that names the address which can't be had.
    Server(ServerSettings settings, Sites sites, std::shared_ptr<TlsServer> tls);
    // stop(), if nobody did.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    Server(Server&&) = delete;
    Server& operator=(Server&&) = delete;

    // Starts the threads and accepts.
    void start();
    // Accepts no more and ends what is idle; running requests go on. Returns at once.
    void begin_drain();
    // Graceful: accepts no more, ends idle connections, lets running requests finish within
    // drain_max, then ends the rest and the threads. Blocks. Not from a handler. The database and
    // the pools that handlers wait for must still run.
    void stop();

    // The ports bound, in the order of the settings.
    [[nodiscard]] const std::vector<std::uint16_t>& tls_ports() const noexcept;
    [[nodiscard]] const std::vector<std::uint16_t>& redirect_ports() const noexcept;
    // An executor of the first core, for jobs that belong to no connection.
    [[nodiscard]] boost::asio::any_io_executor executor();
    [[nodiscard]] std::size_t connections() const noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport::http
