#pragma once
// A server's surroundings for tests: demo certificates in a folder of their own, and a stranger
// who speaks raw bytes over TLS or TCP and waits for what comes back.

#include "base/core/time.h"
#include "edge/http/any_stream.h"
#include "edge/http/client.h"
#include "edge/http/demo_certificate.h"
#include "edge/http/tls.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <array>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport::test {

class CertificateFolder {
public:
    CertificateFolder() {
        auto name = (std::filesystem::temp_directory_path() / "sallyport-test-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
        path_ = name;
    }

    ~CertificateFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    CertificateFolder(const CertificateFolder&) = delete;
    CertificateFolder& operator=(const CertificateFolder&) = delete;
    CertificateFolder(CertificateFolder&&) = delete;
    CertificateFolder& operator=(CertificateFolder&&) = delete;

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    std::string path_;
};

inline constexpr const char* sign_in_host = "sallyport.localhost";
inline constexpr const char* device_host = "pump-07.gate.localhost";

struct DemoTls {
    CertificateFolder folder;
    http::DemoCertificates made = http::make_demo_certificates(
        folder.path(), {sign_in_host, "*.gate.localhost"}, SystemClock().now()
    );
    std::shared_ptr<http::TlsServer> server =
        std::make_shared<http::TlsServer>(std::vector{made.files});
};

// Runs a coroutine to its end, and no further: a stream's deadline may be waiting still.
template <class T>
T run(boost::asio::io_context& context, boost::asio::awaitable<T> work) {
    std::exception_ptr failure;
    std::optional<T> answer;
    bool done = false;
    boost::asio::co_spawn(context, std::move(work), [&](const std::exception_ptr& failed, T value) {
        failure = failed;
        if (!failed) answer.emplace(std::move(value));
        done = true;
    });
    context.restart();
    while (!done) {
        context.run_one();
    }
    if (failure) std::rethrow_exception(failure);
    return *std::move(answer);
}

inline void run(boost::asio::io_context& context, boost::asio::awaitable<void> work) {
    std::exception_ptr failure;
    bool done = false;
    boost::asio::co_spawn(context, std::move(work), [&](const std::exception_ptr& failed) {
        failure = failed;
        done = true;
    });
    context.restart();
    while (!done) {
        context.run_one();
    }
    if (failure) std::rethrow_exception(failure);
}

// Blocking, one byte stream. Whatever it waits for ends after 30 s at the latest.
class Stranger {
public:
    // Plain TCP.
    explicit Stranger(std::uint16_t port) {
        auto connecting = http::connect_tcp("127.0.0.1", port, patience);
        stream_ = run(context_, std::move(connecting));
    }

    // TLS, asking for `server_name`, after `first` in the clear (a PROXY protocol header).
    Stranger(
        std::uint16_t port,
        const std::string& authority_file,
        std::string server_name = sign_in_host,
        std::string first = {}
    ) {
        tls_.emplace(authority_file);
        auto connecting = connect(port, std::move(server_name), std::move(first));
        stream_ = run(context_, std::move(connecting));
    }

    void send(std::string_view bytes) {
        stream_->expires_after(patience);
        run(context_, send_all(std::string(bytes)));
    }

    // Up to and with `end`, or all there is until the other side ends the connection.
    std::string read_until(std::string_view end) {
        stream_->expires_after(patience);
        run(context_, read(std::string(end)));
        const auto found = end.empty() ? std::string::npos : received_.find(end);
        const auto size = found == std::string::npos ? received_.size() : found + end.size();
        auto taken = received_.substr(0, size);
        received_.erase(0, size);
        return taken;
    }

    std::string read_all() { return read_until({}); }

    // What the other side says to these bytes until it ends the connection.
    std::string ask(std::string_view bytes) {
        send(bytes);
        return read_all();
    }

    void shutdown_write() { run(context_, stream_->shutdown_write()); }

    void close() { stream_->close(); }

private:
    static constexpr std::chrono::milliseconds patience{30'000};

    boost::asio::awaitable<std::shared_ptr<http::AnyStream>> connect(
        std::uint16_t port, std::string server_name, std::string first
    ) {
        boost::asio::ip::tcp::socket socket(context_);
        socket.connect({boost::asio::ip::address_v4::loopback(), port});
        if (!first.empty()) socket.send(boost::asio::buffer(first));
        auto stream = co_await tls_->connect(std::move(socket), server_name, patience);
        co_return stream;
    }

    boost::asio::awaitable<void> send_all(std::string bytes) {
        const std::vector<std::span<const char>> pieces{bytes};
        co_await stream_->write(pieces);
    }

    boost::asio::awaitable<void> read(std::string end) {
        std::array<char, 4096> buffer{};
        while (end.empty() || !received_.contains(end)) {
            std::size_t size = 0;
            try {
                size = co_await stream_->read_some(buffer);
            } catch (const boost::system::system_error& error) {
                if (error.code() == boost::asio::error::timed_out) throw;
            }
            if (size == 0) co_return;
            received_.append(buffer.data(), size);
        }
    }

    boost::asio::io_context context_{1};
    std::optional<http::TlsClient> tls_;
    std::shared_ptr<http::AnyStream> stream_;
    std::string received_;
};

}  // namespace sallyport::test
