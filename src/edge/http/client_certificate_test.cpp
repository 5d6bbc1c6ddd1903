// A server that demands client certificates, against OpenSSL's own client.

#include "tests/support/certificates.h"
#include "tests/support/http_lab.h"

#include "base/core/fault.h"
#include "edge/http/tls.h"

#include <boost/asio/co_spawn.hpp>
#include <doctest/doctest.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <array>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <utility>

namespace sallyport::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using test::Issued;
using namespace std::chrono_literals;

namespace {

// Says to each client how many certificates it showed, and the first one's size.
class CountingServer {
public:
    explicit CountingServer(TlsServer& tls) : tls_(tls) {
        asio::co_spawn(context_, accept(), [](auto&&...) {});
        thread_ = std::jthread([this] { context_.run(); });
    }

    ~CountingServer() { context_.stop(); }

    CountingServer(const CountingServer&) = delete;
    CountingServer& operator=(const CountingServer&) = delete;
    CountingServer(CountingServer&&) = delete;
    CountingServer& operator=(CountingServer&&) = delete;

    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

private:
    asio::awaitable<void> accept() {
        for (;;) {
            auto socket = co_await acceptor_.async_accept(asio::use_awaitable);
            asio::co_spawn(context_, greet(std::move(socket)), [](auto&&...) {});
        }
    }

    asio::awaitable<void> greet(tcp::socket socket) {
        const auto stream = co_await tls_.accept(std::move(socket), 10s);
        std::string greeting;
        for (const auto& der : stream->client_certificates()) {
            greeting += std::to_string(der.size()) + " ";
        }
        const std::vector<std::span<const char>> hello{greeting};
        co_await stream->write(hello);
        co_await stream->shutdown_write();
    }

    TlsServer& tls_;
    asio::io_context context_{1};
    tcp::acceptor acceptor_{context_, {asio::ip::address_v4::loopback(), 0}};
    std::jthread thread_;
};

template <auto free>
struct Free {
    template <class T>
    void operator()(T* object) const noexcept {
        free(object);
    }
};

template <class T, auto free>
using Owned = std::unique_ptr<T, Free<free>>;

// A key that has the public half of the one and the private half of the other.
std::shared_ptr<EVP_PKEY> half_of_each(EVP_PKEY* public_half, EVP_PKEY* private_half) {
    std::array<unsigned char, 200> point{};
    std::size_t size = 0;
    BIGNUM* secret = nullptr;
    REQUIRE(
        EVP_PKEY_get_octet_string_param(
            public_half, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &size
        ) == 1
    );
    REQUIRE(EVP_PKEY_get_bn_param(private_half, OSSL_PKEY_PARAM_PRIV_KEY, &secret) == 1);
    const Owned<BIGNUM, BN_clear_free> owned(secret);
    const Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
    auto* const parts = builder.get();
    OSSL_PARAM_BLD_push_utf8_string(parts, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
    OSSL_PARAM_BLD_push_octet_string(parts, OSSL_PKEY_PARAM_PUB_KEY, point.data(), size);
    OSSL_PARAM_BLD_push_BN(parts, OSSL_PKEY_PARAM_PRIV_KEY, secret);
    const Owned<OSSL_PARAM, OSSL_PARAM_free> parameters(OSSL_PARAM_BLD_to_param(parts));
    const Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(
        EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr)
    );
    EVP_PKEY* made = nullptr;
    REQUIRE(EVP_PKEY_fromdata_init(context.get()) == 1);
    REQUIRE(EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_KEYPAIR, parameters.get()) == 1);
    return {made, &EVP_PKEY_free};
}

// What a browser does with a card: each call is one connection, offering to resume the one before.
class CardReader {
public:
    explicit CardReader(int version) : context_(SSL_CTX_new(TLS_client_method())) {
        SSL_CTX_set_min_proto_version(context_.get(), version);
        SSL_CTX_set_max_proto_version(context_.get(), version);
        SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_CLIENT);
    }

    void insert(const Issued& card) { insert(card, card.key.get()); }

    void insert(const Issued& card, EVP_PKEY* key) {
        REQUIRE(SSL_CTX_use_certificate(context_.get(), card.object.get()) == 1);
        REQUIRE(SSL_CTX_use_PrivateKey(context_.get(), key) == 1);
    }

    // What the server said; "resumed" in front if it took the earlier session up; "refused".
    std::string connect(std::uint16_t port) {
        asio::io_context io;
        tcp::socket socket(io);
        socket.connect({asio::ip::address_v4::loopback(), port});
        const Owned<SSL, SSL_free> ssl(SSL_new(context_.get()));
        SSL_set_fd(ssl.get(), socket.native_handle());
        if (session_) SSL_set_session(ssl.get(), session_.get());
        std::array<char, 256> buffer{};
        if (SSL_connect(ssl.get()) != 1) return "refused";
        const int size = SSL_read(ssl.get(), buffer.data(), static_cast<int>(buffer.size()));
        if (size <= 0) return "refused";
        session_.reset(SSL_get1_session(ssl.get()));
        const bool resumed = SSL_session_reused(ssl.get()) == 1;
        return (resumed ? "resumed " : "") +
               std::string(buffer.data(), static_cast<std::size_t>(size));
    }

    // Whom the server takes certificates of, as it says.
    int issuers_named(std::uint16_t port) {
        SSL_CTX_set_client_cert_cb(context_.get(), [](SSL* ssl, X509**, EVP_PKEY**) {
            const auto* const names = SSL_get_client_CA_list(ssl);
            named_ = names == nullptr ? 0 : sk_X509_NAME_num(names);
            return 0;
        });
        (void)connect(port);
        return named_;
    }

private:
    static inline int named_ = -1;
    Owned<SSL_CTX, SSL_CTX_free> context_;
    Owned<SSL_SESSION, SSL_SESSION_free> session_;
};

struct CardSite {
    test::DemoTls demo;
    Issued root = test::self_signed(test::root_plan());
    Issued card = test::issue(test::person_plan(), root);
    std::string issuers = demo.folder.path() + "/issuers.pem";
    std::optional<TlsServer> tls;
    std::optional<CountingServer> server;

    CardSite() {
        const Owned<BIO, BIO_free> out(BIO_new_file(issuers.c_str(), "w"));
        REQUIRE(PEM_write_bio_X509(out.get(), root.object.get()) == 1);
        BIO_flush(out.get());
        tls.emplace(std::vector{demo.made.files}, ClientCertificates{issuers});
        server.emplace(*tls);
    }

    [[nodiscard]] std::string greeting() const { return std::to_string(card.der().size()) + " "; }
};

constexpr std::array versions{TLS1_2_VERSION, TLS1_3_VERSION};

}  // namespace

TEST_SUITE("client certificates") {
    TEST_CASE("S1-22 (part): without a certificate, or without its key, there is no handshake") {
        CardSite site;
        for (const int version : versions) {
            CAPTURE(version);
            CHECK(CardReader(version).connect(site.server->port()) == "refused");
            CardReader holder(version);
            holder.insert(site.card);
            CHECK(holder.connect(site.server->port()) == site.greeting());

            const auto other = test::issue(test::person_plan(), site.root);
            const auto forged = half_of_each(site.card.key.get(), other.key.get());
            CardReader thief(version);
            thief.insert(site.card, forged.get());
            CHECK(thief.connect(site.server->port()) == "refused");
        }
    }

    TEST_CASE("S1-22 (part): a session is never resumed: each connection shows the card anew") {
        CardSite site;
        for (const int version : versions) {
            CAPTURE(version);
            CardReader reader(version);
            reader.insert(site.card);
            for (int i = 0; i < 3; ++i) {
                CHECK(reader.connect(site.server->port()) == site.greeting());
            }
        }
    }

    TEST_CASE("whatever certificate is shown comes through, for the handler to judge") {
        CardSite site;
        auto plan = test::person_plan("Nobody");
        plan.extensions.erase("authorityKeyIdentifier");  // there is none but itself
        const auto strange = test::self_signed(plan);
        CardReader reader(TLS1_3_VERSION);
        reader.insert(strange);
        CHECK(reader.connect(site.server->port()) == std::to_string(strange.der().size()) + " ");
        CHECK(CardReader(TLS1_3_VERSION).issuers_named(site.server->port()) == 1);
    }

    TEST_CASE("a file of issuers that can't be read stops the start, and keeps a reload as it was"
    ) {
        CardSite site;
        CHECK_THROWS_AS(
            TlsServer(std::vector{site.demo.made.files}, ClientCertificates{"/nowhere.pem"}), Fault
        );
        std::ofstream(site.issuers, std::ios::trunc) << "nothing\n";
        CHECK_THROWS_AS(site.tls->reload(), Fault);
        CardReader reader(TLS1_3_VERSION);
        reader.insert(site.card);
        CHECK(reader.connect(site.server->port()) == site.greeting());
    }

    TEST_CASE("who demands no certificate sees none") {
        CardSite site;
        const CountingServer plain(*site.demo.server);
        CardReader reader(TLS1_3_VERSION);
        reader.insert(site.card);
        CHECK(reader.connect(plain.port()) == "refused");  // nothing was said: none was asked for
    }
}

}  // namespace sallyport::http
