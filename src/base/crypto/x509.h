#pragma once
// Inside base/crypto only: who owns OpenSSL's X.509 objects.

#include "base/core/time.h"
#include "base/crypto/openssl.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <ctime>

namespace sallyport::crypto::openssl {

inline void free_certificates(STACK_OF(X509) * stack) noexcept {
    sk_X509_pop_free(stack, X509_free);
}

inline void free_crls(STACK_OF(X509_CRL) * stack) noexcept {
    sk_X509_CRL_pop_free(stack, X509_CRL_free);
}

using CertificateObject = Owned<X509, X509_free>;
using CrlObject = Owned<X509_CRL, X509_CRL_free>;
using Certificates = Owned<STACK_OF(X509), free_certificates>;
using Crls = Owned<STACK_OF(X509_CRL), free_crls>;
using Store = Owned<X509_STORE, X509_STORE_free>;
using StoreContext = Owned<X509_STORE_CTX, X509_STORE_CTX_free>;
using GeneralNames = Owned<GENERAL_NAMES, GENERAL_NAMES_free>;
using OcspRequestObject = Owned<OCSP_REQUEST, OCSP_REQUEST_free>;
using OcspResponseObject = Owned<OCSP_RESPONSE, OCSP_RESPONSE_free>;
using BasicResponse = Owned<OCSP_BASICRESP, OCSP_BASICRESP_free>;
using CertificateId = Owned<OCSP_CERTID, OCSP_CERTID_free>;

// OpenSSL notes what it could not read in a queue of its thread, where the next caller (TLS) would
// take it for its own trouble. Whoever reads bytes from outside drops it at the end.
class ErrorsDropped {
public:
    ErrorsDropped() { ERR_set_mark(); }

    ~ErrorsDropped() { ERR_pop_to_mark(); }

    ErrorsDropped(const ErrorsDropped&) = delete;
    ErrorsDropped& operator=(const ErrorsDropped&) = delete;
};

// X.509 counts in whole seconds: a time between two is the earlier one.
inline std::time_t seconds_of(Time time) {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

}  // namespace sallyport::crypto::openssl
