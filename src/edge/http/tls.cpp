#include "edge/http/tls.h"

#include "base/core/fault.h"
#include "base/core/log.h"
#include "edge/http/ascii.h"
#include "edge/http/ip_set.h"
#include "edge/http/tls_certificate.h"
#include "edge/http/tls_stream.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <mutex>
#include <new>

namespace sallyport::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

// Forward secrecy and AEAD only. TLS 1.3 has no others.
constexpr const char* tls12_ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* groups = "X25519:P-256:P-384";
constexpr const char* signature_algorithms =
    "ecdsa_secp256r1_sha256:ecdsa_secp384r1_sha384:ed25519:"
    "rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:"
    "rsa_pkcs1_sha256:rsa_pkcs1_sha384:rsa_pkcs1_sha512";
constexpr unsigned char alpn_http11[] = "\x08http/1.1";
constexpr unsigned alpn_http11_size = sizeof(alpn_http11) - 1;

void require(bool done, std::string_view what) {
    if (!done) throw Fault(fmt::format("TLS, {}: {}", what, last_openssl_error()));
}

SslContext new_context(const SSL_METHOD* method) {
    SslContext context(SSL_CTX_new(method));
    require(context != nullptr, "making a context");
    auto* const raw = context.get();
    require(SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION) == 1, "TLS 1.2 as minimum");
    require(SSL_CTX_set_cipher_list(raw, tls12_ciphers) == 1, "ciphers");
    require(SSL_CTX_set1_groups_list(raw, groups) == 1, "groups");
    require(SSL_CTX_set1_sigalgs_list(raw, signature_algorithms) == 1, "signature algorithms");
    SSL_CTX_set_options(
        raw,
        SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
            SSL_OP_PRIORITIZE_CHACHA | SSL_OP_NO_TICKET
    );
    SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(raw, 0);
    return context;
}

// Offers http/1.1. Who offers ALPN without it is told so (RFC 7301 §3.2).
int select_alpn(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered, unsigned offered_size, void*) {
    unsigned char* selected = nullptr;
    const int found = SSL_select_next_proto(
        &selected, out_size, alpn_http11, alpn_http11_size, offered, offered_size
    );
    if (found != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = selected;
    return SSL_TLSEXT_ERR_OK;
}

struct Loaded {
    CertificateInfo info;
    SslContext context;
};

// All that one reading of the files gave. Handshakes under way keep theirs alive.
struct CertificateSet {
    std::vector<Loaded> loaded;

    [[nodiscard]] SSL_CTX* context_for(std::string_view host) const {
        const auto exact = std::ranges::find_if(loaded, [&](const Loaded& one) {
            return std::ranges::find(one.info.names, host) != one.info.names.end();
        });
        if (exact != loaded.end()) return exact->context.get();
        const auto wildcard =
            std::ranges::find_if(loaded, [&](const Loaded& one) { return covers(one.info, host); });
        return wildcard == loaded.end() ? loaded.front().context.get() : wildcard->context.get();
    }
};

int select_certificate(SSL* ssl, int*, void* set) {
    const char* const name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
    SSL_set_SSL_CTX(ssl, static_cast<const CertificateSet*>(set)->context_for(lower_case(name)));
    return SSL_TLSEXT_ERR_OK;
}

int leave_to_the_handler(X509_STORE_CTX* shown, void*) {
    X509_STORE_CTX_set_error(shown, X509_V_OK);
    return 1;
}

void demand_certificate(SSL_CTX* context, const ClientCertificates& demanded) {
    constexpr long chain_size_max = long{64} * 1024;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_cert_verify_callback(context, &leave_to_the_handler, nullptr);
    SSL_CTX_set_max_cert_list(context, chain_size_max);
    auto* const names = SSL_load_client_CA_file(demanded.issuers_file.c_str());
    if (names == nullptr) {
        throw Fault(fmt::format(
            "can't read the issuers of client certificates in {}: {}",
            demanded.issuers_file,
            last_openssl_error()
        ));
    }
    SSL_CTX_set_client_CA_list(context, names);  // takes them over
}

std::shared_ptr<const CertificateSet> load(
    const std::vector<CertificateFiles>& files, const std::optional<ClientCertificates>& demanded
) {
    if (files.empty()) throw Fault("TLS: no certificate is configured");
    auto set = std::make_shared<CertificateSet>();
    for (const auto& file : files) {
        auto context = new_context(TLS_server_method());
        load_certificate(context.get(), file);
        if (demanded) demand_certificate(context.get(), *demanded);
        SSL_CTX_set_alpn_select_cb(context.get(), &select_alpn, nullptr);
        SSL_CTX_set_tlsext_servername_callback(context.get(), &select_certificate);
        SSL_CTX_set_tlsext_servername_arg(context.get(), set.get());
        set->loaded.push_back({read_certificate_info(file.certificate), std::move(context)});
    }
    return set;
}

}  // namespace

struct TlsServer::Impl {
    Impl(std::vector<CertificateFiles> of, std::optional<ClientCertificates> of_clients)
        : files(std::move(of)), demanded(std::move(of_clients)), set(load(files, demanded)) {}

    [[nodiscard]] std::shared_ptr<const CertificateSet> current() const {
        const std::lock_guard lock(mutex);
        return set;
    }

    const std::vector<CertificateFiles> files;
    const std::optional<ClientCertificates> demanded;
    mutable std::mutex mutex;
    std::shared_ptr<const CertificateSet> set;
};

TlsServer::TlsServer(
    std::vector<CertificateFiles> files, std::optional<ClientCertificates> demanded
)
    : impl_(std::make_unique<Impl>(std::move(files), std::move(demanded))) {}

TlsServer::~TlsServer() = default;

void TlsServer::reload() {
    auto fresh = load(impl_->files, impl_->demanded);
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->set.swap(fresh);
    }
    log::info("TLS certificates loaded anew");
}

std::vector<CertificateInfo> TlsServer::certificates() const {
    std::vector<CertificateInfo> infos;
    for (const auto& loaded : impl_->current()->loaded) {
        infos.push_back(loaded.info);
    }
    return infos;
}

asio::awaitable<std::shared_ptr<AnyStream>> TlsServer::accept(
    tcp::socket socket, std::chrono::milliseconds time_max
) {
    const auto set = impl_->current();  // kept until the handshake has chosen
    SSL* const ssl = SSL_new(set->loaded.front().context.get());
    if (ssl == nullptr) throw std::bad_alloc();
    SSL_set_accept_state(ssl);
    auto stream = std::make_shared<TlsStream>(std::move(socket), ssl);
    stream->expires_after(time_max);
    co_await stream->handshake();
    co_return stream;
}

struct TlsClient::Impl {
    SslContext context = new_context(TLS_client_method());
};

TlsClient::TlsClient(const std::string& ca_file) : impl_(std::make_unique<Impl>()) {
    auto* const context = impl_->context.get();
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    require(
        SSL_CTX_set_alpn_protos(context, alpn_http11, alpn_http11_size) == 0, "offering http/1.1"
    );
    const bool trusted = ca_file.empty() ? SSL_CTX_set_default_verify_paths(context) == 1
                                         : SSL_CTX_load_verify_file(context, ca_file.c_str()) == 1;
    if (!trusted) {
        throw Fault(fmt::format(
            "can't read the certificate authorities of {}: {}",
            ca_file.empty() ? "the system" : ca_file,
            last_openssl_error()
        ));
    }
}

TlsClient::~TlsClient() = default;

asio::awaitable<std::shared_ptr<AnyStream>> TlsClient::connect(
    tcp::socket socket, std::string host, std::chrono::milliseconds time_max
) {
    SSL* const ssl = SSL_new(impl_->context.get());
    if (ssl == nullptr) throw std::bad_alloc();
    SSL_set_connect_state(ssl);
    auto stream = std::make_shared<TlsStream>(std::move(socket), ssl);
    if (parse_ip(host)) {
        require(
            X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1,
            "the expected address"
        );
    } else {
        require(SSL_set1_host(ssl, host.c_str()) == 1, "the expected name");
        require(SSL_set_tlsext_host_name(ssl, host.c_str()) == 1, "the server name");
    }
    stream->expires_after(time_max);
    co_await stream->handshake();
    co_return stream;
}

}  // namespace sallyport::http
