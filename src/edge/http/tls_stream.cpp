#include "edge/http/tls_stream.h"

#include "base/core/fault.h"
#include "edge/http/ascii.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>
#include <new>

namespace sallyport::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::size_t record_size_max = std::size_t{16} * 1024;
// A flush at least this often: OpenSSL's buffer and ours keep the size they once needed.
constexpr std::size_t unflushed_size_max = std::size_t{32} * 1024;

struct FreeBytes {
    void operator()(unsigned char* bytes) const noexcept { OPENSSL_free(bytes); }
};

std::string openssl_error() {
    std::array<char, 256> text{};
    ERR_error_string_n(ERR_get_error(), text.data(), text.size());
    return text.data();
}

}  // namespace

TlsStream::TlsStream(tcp::socket socket, SSL* ssl)
    : socket_(std::move(socket)),
      ssl_(ssl, &SSL_free),
      from_network_(BIO_new(BIO_s_mem())),
      to_network_(BIO_new(BIO_s_mem())),
      deadline_(socket_.get_executor(), [this] { close(); }),
      flushed_(socket_.get_executor(), asio::steady_timer::time_point::max()) {
    if (from_network_ == nullptr || to_network_ == nullptr) throw std::bad_alloc();
    BIO_set_mem_eof_return(from_network_, -1);  // empty means "more to come"
    BIO_set_mem_eof_return(to_network_, -1);
    SSL_set_bio(ssl_.get(), from_network_, to_network_);
    socket_.non_blocking(true);
    boost::system::error_code error;
    const auto end = socket_.remote_endpoint(error);
    if (!error) peer_ = end.address().to_string();
}

TlsStream::~TlsStream() {
    deadline_.stop();
}

asio::any_io_executor TlsStream::executor() {
    return socket_.get_executor();
}

asio::awaitable<void> TlsStream::handshake() {
    for (;;) {
        ERR_clear_error();
        const int done = SSL_do_handshake(ssl_.get());
        const int why = SSL_get_error(ssl_.get(), done);
        if (why != SSL_ERROR_NONE && why != SSL_ERROR_WANT_READ) {
            const auto verdict = SSL_get_verify_result(ssl_.get());
            const auto reason = openssl_error();
            co_await flush();  // the alert
            if (verdict != X509_V_OK) {
                throw Fault(fmt::format(
                    "the server's certificate is not trusted: {}",
                    X509_verify_cert_error_string(verdict)
                ));
            }
            throw boost::system::system_error(
                boost::system::errc::make_error_code(boost::system::errc::protocol_error),
                fmt::format("TLS handshake: {}", reason)
            );
        }
        co_await flush();
        if (why == SSL_ERROR_NONE) co_return;
        co_await fill();
    }
}

asio::awaitable<std::size_t> TlsStream::read_some(std::span<char> into) {
    for (;;) {
        ERR_clear_error();
        std::size_t size = 0;
        const int done = SSL_read_ex(ssl_.get(), into.data(), into.size(), &size);
        const int why = SSL_get_error(ssl_.get(), done);
        if (BIO_pending(to_network_) > 0) co_await flush();  // e.g. a key update's answer
        if (why == SSL_ERROR_NONE) co_return size;
        if (why == SSL_ERROR_ZERO_RETURN) co_return 0;
        if (why != SSL_ERROR_WANT_READ) fail_tls("reading");
        co_await fill();
    }
}

asio::awaitable<void> TlsStream::write(std::vector<std::span<const char>> pieces) {
    // Small pieces share a record: a head and its body cost one, not two.
    std::string joined;
    std::size_t unflushed = 0;
    for (const auto piece : pieces) {
        if (joined.size() + piece.size() <= record_size_max) {
            joined.append(piece.data(), piece.size());
            continue;
        }
        encrypt(joined);
        joined.clear();
        for (std::size_t begin = 0; begin < piece.size();) {
            const auto part =
                piece.subspan(begin).first(std::min(piece.size() - begin, unflushed_size_max));
            encrypt(part);
            begin += part.size();
            unflushed += part.size();
            if (unflushed >= unflushed_size_max) {
                co_await flush();
                unflushed = 0;
            }
        }
    }
    encrypt(joined);
    co_await flush();
}

asio::awaitable<void> TlsStream::shutdown_write() {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());  // writes close_notify; the other side's is not waited for
    co_await flush();
}

void TlsStream::expires_after(std::chrono::milliseconds from_now) {
    deadline_.expires_after(from_now);
}

void TlsStream::close() noexcept {
    boost::system::error_code ignored;
    static_cast<void>(socket_.close(ignored));
}

std::string TlsStream::peer() const {
    return peer_;
}

bool TlsStream::tls() const noexcept {
    return true;
}

std::string TlsStream::server_name() const {
    const char* const name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
    return name == nullptr ? std::string() : lower_case(name);
}

std::vector<Bytes> TlsStream::client_certificates() const {
    std::vector<Bytes> shown;
    if (SSL_is_server(ssl_.get()) == 0) return shown;
    const auto add = [&shown](const X509* certificate) {
        unsigned char* der = nullptr;
        const int size = i2d_X509(certificate, &der);
        if (size <= 0) throw Fault("a client certificate could not be encoded");
        const std::unique_ptr<unsigned char, FreeBytes> owned(der);
        const auto bytes = std::as_bytes(std::span(der, static_cast<std::size_t>(size)));
        shown.emplace_back(bytes.begin(), bytes.end());
    };
    const X509* const own = SSL_get0_peer_certificate(ssl_.get());
    if (own == nullptr) return shown;
    add(own);
    const auto* const others = SSL_get_peer_cert_chain(ssl_.get());
    for (int i = 0; others != nullptr && i < sk_X509_num(others); ++i) {
        add(sk_X509_value(others, i));
    }
    return shown;
}

// Encrypted bytes from the network into OpenSSL's buffer. The read buffer belongs to the thread:
// it is used between two waits, never across one.
asio::awaitable<void> TlsStream::fill() {
    static thread_local std::array<char, record_size_max + 512> buffer;
    for (;;) {
        boost::system::error_code error;
        const auto size = socket_.read_some(asio::buffer(buffer), error);
        if (!error) {
            if (BIO_write(from_network_, buffer.data(), static_cast<int>(size)) <= 0) {
                throw std::bad_alloc();
            }
            co_return;
        }
        if (error != asio::error::would_block && error != asio::error::try_again) fail(error);
        co_await socket_.async_wait(
            tcp::socket::wait_read, asio::redirect_error(asio::use_awaitable, error)
        );
        if (error) fail(error);
    }
}

asio::awaitable<void> TlsStream::flush() {
    while (flushing_ || BIO_pending(to_network_) > 0) {
        boost::system::error_code error;
        if (flushing_) {
            co_await flushed_.async_wait(asio::redirect_error(asio::use_awaitable, error));
            if (error && !socket_.is_open()) fail(asio::error::operation_aborted);
            continue;
        }
        outgoing_.resize(static_cast<std::size_t>(BIO_pending(to_network_)));
        BIO_read(to_network_, outgoing_.data(), static_cast<int>(outgoing_.size()));

        struct Flushing {
            explicit Flushing(TlsStream& of) : stream(of) { stream.flushing_ = true; }

            ~Flushing() {
                stream.flushing_ = false;
                boost::system::error_code ignored;
                stream.flushed_.cancel(ignored);
            }

            Flushing(const Flushing&) = delete;
            Flushing& operator=(const Flushing&) = delete;
            Flushing(Flushing&&) = delete;
            Flushing& operator=(Flushing&&) = delete;

            TlsStream& stream;
        };

        const Flushing flushing(*this);
        co_await asio::async_write(
            socket_, asio::buffer(outgoing_), asio::redirect_error(asio::use_awaitable, error)
        );
        if (error) fail(error);
    }
}

void TlsStream::encrypt(std::span<const char> plain) {
    if (plain.empty()) return;
    ERR_clear_error();
    std::size_t size = 0;
    if (SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &size) != 1) fail_tls("writing");
}

void TlsStream::fail(boost::system::error_code error) const {
    throw boost::system::system_error(
        deadline_.passed() ? boost::system::error_code(asio::error::timed_out) : error
    );
}

void TlsStream::fail_tls(const char* doing) const {
    if (!socket_.is_open()) fail(asio::error::operation_aborted);
    throw boost::system::system_error(
        boost::system::errc::make_error_code(boost::system::errc::protocol_error),
        fmt::format("TLS, {}: {}", doing, openssl_error())
    );
}

}  // namespace sallyport::http
