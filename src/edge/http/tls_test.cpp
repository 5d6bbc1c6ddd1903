#include "edge/http/tls.h"

#include "tests/support/http_lab.h"

#include "base/core/fault.h"

#include <boost/asio/co_spawn.hpp>
#include <doctest/doctest.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

namespace sallyport::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using test::run;
using namespace std::chrono_literals;

namespace {

// Accepts one connection after the other, handshakes, and echoes until the client has done.
class EchoServer {
public:
    explicit EchoServer(TlsServer& tls) : tls_(tls) {
        asio::co_spawn(context_, accept(), [](auto&&...) {});
        thread_ = std::jthread([this] { context_.run(); });
    }

    ~EchoServer() { context_.stop(); }

    EchoServer(const EchoServer&) = delete;
    EchoServer& operator=(const EchoServer&) = delete;
    EchoServer(EchoServer&&) = delete;
    EchoServer& operator=(EchoServer&&) = delete;

    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

private:
    asio::awaitable<void> accept() {
        for (;;) {
            auto socket = co_await acceptor_.async_accept(asio::use_awaitable);
            asio::co_spawn(context_, echo(std::move(socket)), [](auto&&...) {});
        }
    }

    asio::awaitable<void> echo(tcp::socket socket) {
        const auto stream = co_await tls_.accept(std::move(socket), 10s);
        const auto greeting = "name:" + stream->server_name() + "\n";
        const std::vector<std::span<const char>> hello{greeting};
        co_await stream->write(hello);
        std::vector<char> buffer(100'000);
        for (;;) {
            stream->expires_after(30s);
            const auto size = co_await stream->read_some(buffer);
            if (size == 0) break;
            const std::vector<std::span<const char>> pieces{std::span(buffer).first(size)};
            co_await stream->write(pieces);
        }
        // The client has shut down its side; ours still carries data.
        const std::vector<std::span<const char>> bye{std::string_view("bye")};
        co_await stream->write(bye);
        co_await stream->shutdown_write();
    }

    TlsServer& tls_;
    asio::io_context context_{1};
    tcp::acceptor acceptor_{context_, {asio::ip::address_v4::loopback(), 0}};
    std::jthread thread_;
};

std::string fault_of(const CertificateFiles& files) {
    try {
        const TlsServer server({files});
    } catch (const Fault& fault) {
        return fault.what();
    }
    return "no fault";
}

CertificateInfo named(std::vector<std::string> names) {
    return {.file = "x.pem", .names = std::move(names), .not_after = {}};
}

// A handshake by OpenSSL's own client side with these settings; the error, or the protocol.
std::string handshake(
    std::uint16_t port, int version_max, std::string_view alpn, const char* ciphers = nullptr
) {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(
        SSL_CTX_new(TLS_client_method()), &SSL_CTX_free
    );
    SSL_CTX_set_max_proto_version(context.get(), version_max);
    SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
    SSL_CTX_set_security_level(context.get(), 0);
    if (ciphers != nullptr) SSL_CTX_set_cipher_list(context.get(), ciphers);
    if (!alpn.empty()) {
        SSL_CTX_set_alpn_protos(
            context.get(),
            reinterpret_cast<const unsigned char*>(alpn.data()),
            static_cast<unsigned>(alpn.size())
        );
    }
    asio::io_context io;
    tcp::socket socket(io);
    socket.connect({asio::ip::address_v4::loopback(), port});
    const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), &SSL_free);
    SSL_set_fd(ssl.get(), socket.native_handle());
    if (SSL_connect(ssl.get()) != 1) return "refused";
    const unsigned char* selected = nullptr;
    unsigned selected_size = 0;
    SSL_get0_alpn_selected(ssl.get(), &selected, &selected_size);
    std::string said = SSL_get_version(ssl.get());
    if (selected_size > 0) {
        said += " ";
        said.append(reinterpret_cast<const char*>(selected), selected_size);
    }
    if (SSL_session_reused(ssl.get()) != 0) said += " reused";
    return said;
}

}  // namespace

TEST_SUITE("tls") {
    TEST_CASE("bytes go through whole, and a half-closed stream still carries the other way") {
        const test::DemoTls demo;
        const EchoServer server(*demo.server);
        test::Stranger stranger(server.port(), demo.made.authority_file);
        CHECK(stranger.read_until("\n") == "name:sallyport.localhost\n");

        std::string much;
        for (int i = 0; much.size() < 1'000'000; ++i) {
            much += std::to_string(i);
        }
        // In pieces, so that neither side has to hold more than the network takes.
        std::string back;
        for (std::size_t at = 0; at < much.size(); at += 50'000) {
            const auto piece = much.substr(at, 50'000);
            stranger.send(piece);
            back += stranger.read_until(piece.substr(piece.size() - 200));
        }
        stranger.shutdown_write();
        back += stranger.read_all();
        CHECK(back.size() == much.size() + 3);
        CHECK(back == much + "bye");
    }

    TEST_CASE("who is not trusted or not who was asked for is not spoken to") {
        const test::DemoTls demo;
        const test::DemoTls other;
        const EchoServer server(*demo.server);

        CHECK_THROWS_AS(test::Stranger(server.port(), other.made.authority_file), Fault);
        CHECK_THROWS_AS(
            test::Stranger(server.port(), demo.made.authority_file, "evil.example"), Fault
        );
        // One label only stands for the star.
        CHECK_THROWS_AS(
            test::Stranger(server.port(), demo.made.authority_file, "a.b.gate.localhost"), Fault
        );
        CHECK_NOTHROW(
            test::Stranger(server.port(), demo.made.authority_file, "pump-07.gate.localhost")
        );
        CHECK_THROWS_AS(TlsClient("/nowhere.pem"), Fault);
    }

    TEST_CASE("S1-13 (part): TLS 1.2 and 1.3 only, with forward secrecy and AEAD") {
        const test::DemoTls demo;
        const EchoServer server(*demo.server);
        const auto port = server.port();

        CHECK(handshake(port, TLS1_3_VERSION, "") == "TLSv1.3");
        CHECK(handshake(port, TLS1_2_VERSION, "") == "TLSv1.2");
        CHECK(handshake(port, TLS1_1_VERSION, "") == "refused");
        CHECK(handshake(port, TLS1_VERSION, "") == "refused");
        CHECK(handshake(port, TLS1_2_VERSION, "", "ECDHE-ECDSA-AES128-SHA") == "refused");
        CHECK(handshake(port, TLS1_2_VERSION, "", "AES128-GCM-SHA256") == "refused");
        CHECK(handshake(port, TLS1_2_VERSION, "", "ECDHE-ECDSA-AES256-GCM-SHA384") == "TLSv1.2");
    }

    TEST_CASE("ALPN: http/1.1 and nothing else") {
        const test::DemoTls demo;
        const EchoServer server(*demo.server);

        CHECK(handshake(server.port(), TLS1_3_VERSION, "\x02h2\x08http/1.1") == "TLSv1.3 http/1.1");
        CHECK(handshake(server.port(), TLS1_3_VERSION, "\x02h2") == "refused");
    }

    TEST_CASE("certificates are chosen by name and loaded anew without a restart") {
        const CertificateInfo wildcard = named({"*.gate.localhost"});
        CHECK(covers(wildcard, "pump.gate.localhost"));
        CHECK_FALSE(covers(wildcard, "gate.localhost"));
        CHECK_FALSE(covers(wildcard, ".gate.localhost"));
        CHECK_FALSE(covers(wildcard, "a.pump.gate.localhost"));
        CHECK(covers(named({"a.b"}), "A.B"));

        test::DemoTls first;
        const test::CertificateFolder folder;
        const auto second =
            make_demo_certificates(folder.path(), {"other.example"}, SystemClock().now());
        TlsServer tls({first.made.files, second.files});
        const EchoServer server(tls);
        CHECK_NOTHROW(test::Stranger(server.port(), first.made.authority_file, "a.gate.localhost"));
        CHECK_NOTHROW(test::Stranger(server.port(), second.authority_file, "other.example"));
        test::Stranger running(server.port(), second.authority_file, "other.example");

        const auto third =
            make_demo_certificates(folder.path(), {"new.example"}, SystemClock().now());
        tls.reload();
        CHECK_NOTHROW(test::Stranger(server.port(), third.authority_file, "new.example"));
        running.send("still here");
        CHECK(running.read_until("still here").ends_with("still here"));

        std::ofstream(third.files.certificate) << "garbage";
        CHECK_THROWS_AS(tls.reload(), Fault);
        CHECK_NOTHROW(test::Stranger(server.port(), third.authority_file, "new.example"));
        CHECK(tls.certificates().at(1).names == std::vector<std::string>{"new.example"});
    }

    TEST_CASE("a wrong certificate is named with its reason") {
        const test::DemoTls demo;
        const test::DemoTls other;
        const auto& good = demo.made.files;
        const auto contains_all =
            [](const std::string& text, std::string_view file, std::string_view why) {
                CAPTURE(text);
                return text.contains(file) && text.contains(why);
            };

        CHECK(contains_all(
            fault_of({"/nowhere/cert.pem", good.key}), "/nowhere/cert.pem", "No such file"
        ));
        CHECK(contains_all(
            fault_of({good.certificate, "/nowhere/key.pem"}), "/nowhere/key.pem", "No such file"
        ));
        CHECK(contains_all(fault_of({good.key, good.key}), good.key, "no certificate in PEM"));
        CHECK(contains_all(fault_of({good.certificate, good.certificate}), good.certificate, "key")
        );
        CHECK(contains_all(
            fault_of({good.certificate, other.made.files.key}), other.made.files.key, "key"
        ));
        CHECK(chmod(good.key.c_str(), 0644) == 0);
        CHECK(contains_all(fault_of(good), good.key, "chmod 0600"));
        CHECK_THROWS_AS(TlsServer({}), Fault);
    }

    TEST_CASE("the demo's certificate holds 90 days and its key is its owner's") {
        const test::DemoTls demo;
        const auto info = demo.server->certificates().at(0);
        CHECK(info.names == std::vector<std::string>{"sallyport.localhost", "*.gate.localhost"});
        const auto left = info.not_after - SystemClock().now();
        CHECK(left <= std::chrono::days(90));
        CHECK(left > std::chrono::days(89));
        struct stat status{};
        REQUIRE(stat(demo.made.files.key.c_str(), &status) == 0);
        CHECK((status.st_mode & 0777U) == 0600U);
        for (const auto* name : {"a b", "a,DNS:evil", "", "*.", "*", "a:1"}) {
            CAPTURE(name);
            CHECK_THROWS_AS(
                static_cast<void>(
                    make_demo_certificates(demo.folder.path(), {name}, SystemClock().now())
                ),
                Fault
            );
        }
    }

    TEST_CASE("hosts without a certificate and expiries under 30 days are found") {
        const auto now = Time(std::chrono::days(20'000));
        auto soon = named({"a.example"});
        soon.not_after = now + std::chrono::days(30) - std::chrono::seconds(1);
        auto later = named({"*.gate.example"});
        later.not_after = now + std::chrono::days(30);

        const auto found =
            check_certificates({soon, later}, {"a.example", "p.gate.example", "b.example"}, now);

        CHECK(found.uncovered_hosts == std::vector<std::string>{"b.example"});
        REQUIRE(found.expiring.size() == 1);
        CHECK(found.expiring[0].not_after == soon.not_after);
    }

    TEST_CASE("a handshake that does not come ends in time") {
        const test::DemoTls demo;
        asio::io_context context;
        tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
        tcp::socket silent(context);
        silent.connect(acceptor.local_endpoint());
        auto socket = acceptor.accept();
        auto accepting = demo.server->accept(std::move(socket), 20ms);
        try {
            static_cast<void>(run(context, std::move(accepting)));
            FAIL("a silent client was accepted");
        } catch (const boost::system::system_error& error) {
            CHECK(error.code() == asio::error::timed_out);
        }
    }

    TEST_CASE("a client that ends without close_notify is not taken for a clean end") {
        const test::DemoTls demo;
        asio::io_context context;
        tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
        std::jthread client([port = acceptor.local_endpoint().port(), &demo] {
            test::Stranger stranger(port, demo.made.authority_file);
            stranger.send("x");
            stranger.close();
        });
        auto read_twice = [](TlsServer& tls, tcp::socket socket) -> asio::awaitable<std::size_t> {
            const auto stream = co_await tls.accept(std::move(socket), 10s);
            std::array<char, 10> buffer{};
            std::size_t size = co_await stream->read_some(buffer);
            size += co_await stream->read_some(buffer);
            co_return size;
        };
        auto socket = acceptor.accept();
        auto reading = read_twice(*demo.server, std::move(socket));
        CHECK_THROWS_AS(
            static_cast<void>(run(context, std::move(reading))), boost::system::system_error
        );
    }
}

}  // namespace sallyport::http
