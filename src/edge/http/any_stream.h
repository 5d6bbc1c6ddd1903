#pragma once
// One byte stream type for the whole program: TCP or TLS behind a vtable, so that templates over
// streams are instantiated once. All calls on the stream's executor.

#include "base/core/bytes.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace sallyport::http {

class AnyStream {
public:
    AnyStream() = default;
    virtual ~AnyStream() = default;
    AnyStream(const AnyStream&) = delete;
    AnyStream& operator=(const AnyStream&) = delete;
    AnyStream(AnyStream&&) = delete;
    AnyStream& operator=(AnyStream&&) = delete;

    [[nodiscard]] virtual boost::asio::any_io_executor executor() = 0;
    // Up to `into.size()` bytes; 0 at the end of the stream. Throws boost::system::system_error.
    [[nodiscard]] virtual boost::asio::awaitable<std::size_t> read_some(std::span<char> into) = 0;
    // All of them, gathered.
    [[nodiscard]] virtual boost::asio::awaitable<void> write(
        std::vector<std::span<const char>> pieces
    ) = 0;
    // Ends our writing side (TLS close_notify, TCP FIN); reading goes on.
    [[nodiscard]] virtual boost::asio::awaitable<void> shutdown_write() = 0;
    // Pending and later operations fail with timed_out once this has passed; set anew per step.
    virtual void expires_after(std::chrono::milliseconds from_now) = 0;
    // Ends everything at once; safe from the stream's executor only.
    virtual void close() noexcept = 0;

    [[nodiscard]] virtual std::string peer() const = 0;  // the address, without the port
    [[nodiscard]] virtual bool tls() const noexcept = 0;
    [[nodiscard]] virtual std::string server_name() const = 0;  // SNI, lower case, or empty

    // DER of what the client showed, its own first; empty where none was demanded. That it holds
    // the key, the handshake has proven; whether the certificate is any good is the caller's to
    // judge.
    [[nodiscard]] virtual std::vector<Bytes> client_certificates() const { return {}; }
};

}  // namespace sallyport::http
