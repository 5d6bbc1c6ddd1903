#pragma once
// TLS 1.2 and 1.3 over OpenSSL: server contexts chosen by SNI, and streams of either side. With
// tls_certificate.cpp and tls_demo.cpp, the only code outside base/crypto that says OpenSSL.

#include "base/core/time.h"
#include "edge/http/any_stream.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::http {

struct CertificateFiles {
    std::string certificate;  // PEM: the leaf first, then its chain
    std::string key;          // PEM, not encrypted, not readable by others
};

struct CertificateInfo {
    std::string file;
    std::vector<std::string> names;  // DNS names, lower case, "*.x" as written; IP addresses
    Time not_after;
};

// Name matching of RFC 6125: exact, or a wildcard for exactly one label.
[[nodiscard]] bool covers(const CertificateInfo& certificate, std::string_view host);

// That a server demands a certificate of its clients: without one there is no handshake.
struct ClientCertificates {
    std::string issuers_file;  // PEM; their names are told to clients, which offer what fits
};

// What `config check` says of certificates: hosts that none covers, and expiries near.
struct CertificateFindings {
    std::vector<std::string> uncovered_hosts;

    struct Expiry {
        std::string file;
        Time not_after;
    };

    std::vector<Expiry> expiring;
};

[[nodiscard]] CertificateFindings check_certificates(
    const std::vector<CertificateInfo>& certificates,
    const std::vector<std::string>& hosts,
    Time now,
    std::chrono::days warn_within = std::chrono::days(30)
);

// Certificates and the server side of handshakes. Thread-safe. A handshake without SNI, or for a
// name that no certificate covers, gets the first certificate; the request's Host decides later.
class TlsServer {
public:
    // Throws Fault that names the file and what is wrong with it: unreadable, not PEM, key and
    // certificate that do not match, a key that others may read. An expired certificate is loaded:
    // saying so is check_certificates' business, and a closed door helps nobody.
    // With `demanded`, a client has to prove that it holds the key of the certificate that it
    // shows; chain, validity and the rest are left to whoever reads client_certificates(), who can
    // tell the person what is wrong.
    explicit TlsServer(
        std::vector<CertificateFiles> files,
        std::optional<ClientCertificates> demanded = std::nullopt
    );
    ~TlsServer();
    TlsServer(const TlsServer&) = delete;
    TlsServer& operator=(const TlsServer&) = delete;
    TlsServer(TlsServer&&) = delete;
    TlsServer& operator=(TlsServer&&) = delete;

    // Reads the files again. New handshakes use them; running connections go on. On a Fault, what
    // was loaded stays.
    void reload();
    [[nodiscard]] std::vector<CertificateInfo> certificates() const;

    // The handshake. Throws system_error; timed_out after `time_max`.
    [[nodiscard]] boost::asio::awaitable<std::shared_ptr<AnyStream>> accept(
        boost::asio::ip::tcp::socket socket, std::chrono::milliseconds time_max
    );

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// No session tickets and no session cache: each connection has keys of its own, kept nowhere.
// Connections are kept alive, so a handshake costs little.

// The client side. Verification can't be switched off.
class TlsClient {
public:
    // Trusts the certificates of `ca_file` (PEM), or the system's if it is empty. Throws Fault.
    explicit TlsClient(const std::string& ca_file);
    ~TlsClient();
    TlsClient(const TlsClient&) = delete;
    TlsClient& operator=(const TlsClient&) = delete;
    TlsClient(TlsClient&&) = delete;
    TlsClient& operator=(TlsClient&&) = delete;

    // The certificate must be good for `host`. Throws system_error or Fault that says why.
    [[nodiscard]] boost::asio::awaitable<std::shared_ptr<AnyStream>> connect(
        boost::asio::ip::tcp::socket socket, std::string host, std::chrono::milliseconds time_max
    );

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// A stream over a connected socket, without TLS.
[[nodiscard]] std::shared_ptr<AnyStream> make_tcp_stream(boost::asio::ip::tcp::socket socket);

}  // namespace sallyport::http
