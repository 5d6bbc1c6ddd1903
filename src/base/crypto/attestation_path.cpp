#include "base/crypto/attestation_certificate.h"
#include "base/crypto/openssl.h"
#include "base/crypto/x509.h"

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <chrono>

namespace sallyport::crypto {

namespace {

using openssl::require;

using Certificate = openssl::Owned<X509, X509_free>;
using Store = openssl::Owned<X509_STORE, X509_STORE_free>;
using StoreContext = openssl::Owned<X509_STORE_CTX, X509_STORE_CTX_free>;

void free_stack(STACK_OF(X509) * stack) {
    sk_X509_pop_free(stack, X509_free);
}

using Certificates = openssl::Owned<STACK_OF(X509), free_stack>;

// 112 bits: RSA from 2,048, ECDSA from P-224, SHA-1 nowhere.
constexpr int security_level = 2;

Certificate decoded(const AttestationCertificate& certificate) {
    const auto* at = openssl::in(certificate.der);
    Certificate out(d2i_X509(nullptr, &at, static_cast<long>(certificate.der.size())));
    require(out != nullptr, "a certificate that was parsed before");
    return out;
}

std::unexpected<Refusal> untrusted(const char* why) {
    return refuse(Refusal::denied, "certificate.untrusted", why);
}

// Unless asked to be strict about everything, which old authenticators' chains would not survive,
// OpenSSL takes a certificate for a CA that only has the right key usage.
bool all_issuers_are_cas(const STACK_OF(X509) * chain) {
    for (int i = 1; i + 1 < sk_X509_num(chain); ++i) {
        const auto flags = X509_get_extension_flags(sk_X509_value(chain, i));
        if ((flags & EXFLAG_BCONS) == 0 || (flags & EXFLAG_CA) == 0) return false;
    }
    return true;
}

}  // namespace

Result<void> verify_attestation_path(
    std::span<const AttestationCertificate> path,
    std::span<const AttestationCertificate> roots,
    Time now
) {
    const openssl::ErrorsDropped dropped;
    if (path.empty() || path.size() > attestation_path_max) return untrusted("no path");
    const Store store(X509_STORE_new());
    require(store != nullptr, "a certificate store");
    for (const auto& root : roots) {
        require(X509_STORE_add_cert(store.get(), decoded(root).get()) == 1, "adding a root");
    }
    const Certificates between(sk_X509_new_null());
    require(between != nullptr, "a stack of certificates");
    for (const auto& certificate : path.subspan(1)) {
        auto issuer = decoded(certificate);
        require(sk_X509_push(between.get(), issuer.get()) > 0, "a stack of certificates");
        static_cast<void>(issuer.release());  // the stack's now
    }

    const auto leaf = decoded(path.front());
    const StoreContext context(X509_STORE_CTX_new());
    require(
        context != nullptr &&
            X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), between.get()) == 1,
        "a certificate path"
    );
    auto* const options = X509_STORE_CTX_get0_param(context.get());
    X509_VERIFY_PARAM_set_time(
        options, std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count()
    );
    X509_VERIFY_PARAM_set_depth(options, static_cast<int>(attestation_path_max));
    X509_VERIFY_PARAM_set_auth_level(options, security_level);
    // A root may be any certificate that the operator or FIDO's metadata names, also the attesting
    // one itself.
    require(
        X509_VERIFY_PARAM_set_flags(options, X509_V_FLAG_PARTIAL_CHAIN) == 1,
        "a certificate path's options"
    );

    if (X509_verify_cert(context.get()) != 1) {
        const int error = X509_STORE_CTX_get_error(context.get());
        if (error == X509_V_ERR_CERT_HAS_EXPIRED || error == X509_V_ERR_CERT_NOT_YET_VALID) {
            return refuse(Refusal::denied, "certificate.expired");
        }
        return untrusted(X509_verify_cert_error_string(error));
    }
    if (!all_issuers_are_cas(X509_STORE_CTX_get0_chain(context.get()))) {
        return untrusted("an issuer is no CA");
    }
    return {};
}

}  // namespace sallyport::crypto
