#pragma once
// One connection of a person: the stream, the parser and the deadlines, as server and gateway use
// it. All on the stream's executor.

#include "edge/http/any_stream.h"
#include "edge/http/http1_codec.h"
#include "edge/http/ip_set.h"
#include "edge/http/message.h"

#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::http {

// Every wait has an end. Injected short in tests.
struct ConnectionLimits {
    std::chrono::milliseconds handshake_max{10'000};
    std::chrono::milliseconds head_max{15'000};       // from the first byte of a head to its last
    std::chrono::milliseconds idle_max{75'000};       // between requests
    std::chrono::milliseconds body_step_max{20'000};  // between two pieces of a body
    std::chrono::milliseconds body_grace{20'000};     // then at least body_bytes_per_second_min
    std::size_t body_bytes_per_second_min = 500;
    std::chrono::milliseconds write_max{60'000};  // one write handed to the network
    std::size_t requests_max = 10'000;            // then Connection: close
    CodecLimits codec;
};

// What holds for every connection of a server.
struct ConnectionRules {
    ConnectionLimits limits;
    // Peers whose Forwarded and X-Forwarded-For are believed. Empty: nobody's.
    IpSet forwarded_peers;
    // Strict-Transport-Security on every answer of our own over TLS. What a device says of it is
    // dropped, so its hosts have this one, from the first redirect on.
    bool hsts = false;
};

// Set once when the server drains; read on every core.
class StopFlag {
public:
    void set() noexcept { set_.store(true, std::memory_order_release); }

    [[nodiscard]] bool is_set() const noexcept { return set_.load(std::memory_order_acquire); }

private:
    std::atomic<bool> set_{false};
};

class Connection {
public:
    // `peer` is the client's address: the socket's, or what a listed PROXY peer said.
    Connection(
        std::shared_ptr<AnyStream> stream,
        std::string peer,
        std::shared_ptr<const ConnectionRules> rules,
        std::shared_ptr<const StopFlag> draining
    );

    [[nodiscard]] AnyStream& stream() noexcept { return *stream_; }

    [[nodiscard]] const std::string& peer() const noexcept { return peer_; }

    [[nodiscard]] const ConnectionLimits& limits() const noexcept { return rules_->limits; }

    // The client behind the peer, as far as the peer is believed.
    [[nodiscard]] std::string client_of(const Headers& headers) const;

    [[nodiscard]] bool tls() const noexcept { return stream_->tls(); }

    [[nodiscard]] std::vector<Bytes> client_certificates() const {
        return stream_->client_certificates();
    }

    // The server is stopping: finish this request, answer with Connection: close.
    [[nodiscard]] bool draining() const noexcept { return draining_->is_set(); }

    // Waiting for the next request and free to be closed by a drain.
    [[nodiscard]] bool idle() const noexcept { return idle_; }

    // The next request's head, what is left of the body before it having been skipped (bounded; a
    // longer rest ends the connection). None: the client left or stayed idle, or the server drains.
    // A refusal: answer it with refuse_and_close().
    [[nodiscard]] boost::asio::awaitable<Result<std::optional<RequestHead>>> next_head();

    // The next piece of the current request's body; empty at its end. Good until the next call.
    // Sends 100 Continue first where the client waits for it. Throws system_error (timed_out) when
    // the client is slow.
    [[nodiscard]] boost::asio::awaitable<Result<std::string_view>> next_body();
    // All of it, up to `size_max`. Refuses "http.body_too_large".
    [[nodiscard]] boost::asio::awaitable<Result<std::string>> whole_body(std::size_t size_max);
    void set_body_size_max(std::uint64_t size_max);

    // True once the current request has been read to its end.
    [[nodiscard]] bool body_read() const noexcept { return body_read_; }

    // Sends a whole answer. Adds Date, Connection and the length; true if another request may
    // follow on this connection. An answer in pieces is fetched and sent one by one; to a client of
    // HTTP/1.0, which could not tell its end from its breaking off, it is 505 instead.
    [[nodiscard]] boost::asio::awaitable<bool> answer(Response response);
    // For streaming: the head as given (framing says how the body goes), then pieces as they come.
    [[nodiscard]] boost::asio::awaitable<void> write(std::vector<std::span<const char>> pieces);
    // A minimal answer to what was refused, then the end of the connection.
    [[nodiscard]] boost::asio::awaitable<void> refuse_and_close(int status);
    // Half-closes and waits briefly for the other side, so that the last answer is not lost to a
    // reset; then closes.
    [[nodiscard]] boost::asio::awaitable<void> close_gently();

    // True if the current request lets the connection go on and we do not drain.
    [[nodiscard]] bool keep_alive() const noexcept;

    // Bytes after a request that asked for an upgrade; from now on the stream is the caller's.
    [[nodiscard]] std::string take_rest() { return parser_.take_rest(); }

private:
    [[nodiscard]] boost::asio::awaitable<std::size_t> read_more();
    [[nodiscard]] boost::asio::awaitable<void> write_chunked(const BodyPieces& pieces);
    [[nodiscard]] boost::asio::awaitable<Result<void>> skip_body();
    [[nodiscard]] boost::asio::awaitable<std::size_t> read_body_bytes();

    std::shared_ptr<AnyStream> stream_;  // shared with the server, whose drain may have to end it
    std::string peer_;
    std::shared_ptr<const ConnectionRules> rules_;
    std::shared_ptr<const StopFlag> draining_;
    RequestParser parser_;
    std::vector<char> buffer_;
    std::size_t requests_ = 0;
    bool idle_ = true;
    bool body_read_ = true;
    bool continue_due_ = false;
    bool keep_alive_ = true;
    bool head_request_ = false;
    int version_ = 11;
    std::chrono::steady_clock::duration body_waited_{0};  // for the client, not for our handler
    std::uint64_t body_bytes_ = 0;
};

// The plain value for handlers: target parsed, host taken from Host (RFC 9112 §3.2), body empty.
// Refuses what parse_target and parse_authority refuse, and "http.host_mismatch" for an
// absolute-form that names another host.
[[nodiscard]] Result<Request> request_from(const RequestHead& head, const Connection& connection);

// What the server answers when nobody else did: problem details (RFC 9457) without internals.
[[nodiscard]] Response plain_error(int status, std::string_view detail = {});

}  // namespace sallyport::http
