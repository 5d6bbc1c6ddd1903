#pragma once
// Outgoing connections: to a device, and to our own API for the command line.

#include "base/core/result.h"
#include "edge/http/any_stream.h"
#include "edge/http/http1_codec.h"
#include "edge/http/message.h"
#include "edge/http/tls.h"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace sallyport::http {

// A TCP connection to `host` (a name or an address), without delay (TCP_NODELAY). Throws
// system_error: the resolver's or the system's error, timed_out after `time_max` for the look-up
// and all addresses together.
[[nodiscard]] boost::asio::awaitable<std::shared_ptr<AnyStream>> connect_tcp(
    std::string host, std::uint16_t port, std::chrono::milliseconds time_max
);

struct HttpsClientSettings {
    std::string host;  // named in Host and SNI, and checked against the certificate
    std::uint16_t port = 443;
    std::string connect_to;  // another name or address to connect to; empty: `host`
    std::string ca_file;     // empty: the system's
    std::chrono::milliseconds connect_max{10'000};
    std::chrono::milliseconds answer_max{60'000};  // between two pieces of the answer
    std::size_t body_size_max = std::size_t{64} * 1024 * 1024;
};

// Takes an answer's body piece by piece, in the order of the wire.
using BodySink = std::function<void(std::string_view)>;

// Each request has a connection of its own, so that none is ever sent twice. For the command line;
// not thread-safe.
class HttpsClient {
public:
    explicit HttpsClient(HttpsClientSettings settings);
    ~HttpsClient();
    HttpsClient(const HttpsClient&) = delete;
    HttpsClient& operator=(const HttpsClient&) = delete;
    HttpsClient(HttpsClient&&) = delete;
    HttpsClient& operator=(HttpsClient&&) = delete;

    // Uses method, target, headers and body of `request`; sets Host, length and Connection. Blocks.
    // Throws Fault whose text tells a person what could not be reached and why.
    [[nodiscard]] Response send(const Request& request);
    // The same, but the body of a success (2xx) goes to `sink`, however long it is, and is left out
    // of the Response. When this throws, what the sink has is not the whole.
    [[nodiscard]] Response send(const Request& request, const BodySink& sink);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// One exchange without TLS, for answers that carry a signature of their own (OCSP); `ca_file` does
// not matter. Blocks; throws Fault as HttpsClient does.
[[nodiscard]] Response send_plain(const Request& request, const HttpsClientSettings& settings);

}  // namespace sallyport::http
