#pragma once
// Certificates and keys from files, with errors that name the file.

#include "edge/http/tls.h"

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace sallyport::http {

struct FreeSslContext {
    void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};

using SslContext = std::unique_ptr<SSL_CTX, FreeSslContext>;

// The last error of OpenSSL as text, and its queue emptied.
[[nodiscard]] std::string last_openssl_error();

// Loads certificate, chain and key into `context`. Throws Fault naming the file.
void load_certificate(SSL_CTX* context, const CertificateFiles& files);

// What the first certificate of a PEM file says. Throws Fault naming the file.
[[nodiscard]] CertificateInfo read_certificate_info(const std::string& file);

}  // namespace sallyport::http
