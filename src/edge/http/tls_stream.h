#pragma once
// A TLS connection over a socket: OpenSSL does the protocol between two memory buffers, coroutines
// carry those to and from the network. Not asio::ssl::stream, for three reasons: our half-close
// must not wait for the other side's, gathered pieces go out as few records in one write, and a
// connection that waits holds no read buffer.

#include "edge/http/any_stream.h"
#include "edge/http/deadline.h"

#include <boost/asio/steady_timer.hpp>
#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace sallyport::http {

class TlsStream final : public AnyStream {
public:
    // Takes the SSL over, which must have been told its side (accept or connect).
    TlsStream(boost::asio::ip::tcp::socket socket, SSL* ssl);
    ~TlsStream() override;
    TlsStream(const TlsStream&) = delete;
    TlsStream& operator=(const TlsStream&) = delete;
    TlsStream(TlsStream&&) = delete;
    TlsStream& operator=(TlsStream&&) = delete;

    // Throws system_error; a Fault that says why if the peer's certificate is not trusted.
    [[nodiscard]] boost::asio::awaitable<void> handshake();

    [[nodiscard]] boost::asio::any_io_executor executor() override;
    [[nodiscard]] boost::asio::awaitable<std::size_t> read_some(std::span<char> into) override;
    [[nodiscard]] boost::asio::awaitable<void> write(std::vector<std::span<const char>> pieces
    ) override;
    [[nodiscard]] boost::asio::awaitable<void> shutdown_write() override;
    void expires_after(std::chrono::milliseconds from_now) override;
    void close() noexcept override;
    [[nodiscard]] std::string peer() const override;
    [[nodiscard]] bool tls() const noexcept override;
    [[nodiscard]] std::string server_name() const override;
    [[nodiscard]] std::vector<Bytes> client_certificates() const override;

private:
    [[nodiscard]] boost::asio::awaitable<void> fill();
    [[nodiscard]] boost::asio::awaitable<void> flush();
    void encrypt(std::span<const char> plain);
    [[noreturn]] void fail(boost::system::error_code error) const;
    [[noreturn]] void fail_tls(const char* doing) const;

    boost::asio::ip::tcp::socket socket_;
    std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
    BIO* from_network_;  // both owned by ssl_
    BIO* to_network_;
    Deadline deadline_;
    boost::asio::steady_timer flushed_;  // never expires: cancelled to wake who waits for a flush
    bool flushing_ = false;
    std::string outgoing_;
    std::string peer_;
};

}  // namespace sallyport::http
