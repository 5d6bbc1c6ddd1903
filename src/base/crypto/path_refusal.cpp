#include "base/crypto/path_refusal.h"

#include "base/crypto/x509.h"

#include <array>
#include <string>

namespace sallyport::crypto {

namespace {

struct Named {
    int error;
    Reason reason;
};

constexpr Reason untrusted = "certificate.untrusted";
constexpr Reason not_a_ca = "certificate.issuer_not_a_ca";
constexpr Reason name_constraint = "certificate.name_constraint";
constexpr Reason too_long = "certificate.path_too_long";
constexpr Reason wrong_policy = "certificate.wrong_policy";

constexpr std::array names = {
    Named{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, untrusted},
    Named{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, untrusted},
    Named{X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, untrusted},
    Named{X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, untrusted},
    Named{X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, untrusted},
    Named{X509_V_ERR_CERT_UNTRUSTED, untrusted},
    Named{X509_V_ERR_CERT_REJECTED, untrusted},
    Named{X509_V_ERR_CERT_SIGNATURE_FAILURE, "certificate.wrong_signature"},
    Named{X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE, "certificate.wrong_signature"},
    Named{X509_V_ERR_CERT_NOT_YET_VALID, "certificate.not_yet_valid"},
    Named{X509_V_ERR_CERT_HAS_EXPIRED, "certificate.expired"},
    Named{X509_V_ERR_CERT_REVOKED, "certificate.revoked"},
    Named{X509_V_ERR_INVALID_CA, not_a_ca},
    Named{X509_V_ERR_KEYUSAGE_NO_CERTSIGN, not_a_ca},
    Named{X509_V_ERR_CA_CERT_MISSING_KEY_USAGE, not_a_ca},
    Named{X509_V_ERR_INVALID_NON_CA, not_a_ca},
    Named{X509_V_ERR_CERT_CHAIN_TOO_LONG, too_long},
    Named{X509_V_ERR_PATH_LENGTH_EXCEEDED, too_long},
    Named{X509_V_ERR_PERMITTED_VIOLATION, name_constraint},
    Named{X509_V_ERR_EXCLUDED_VIOLATION, name_constraint},
    Named{X509_V_ERR_SUBTREE_MINMAX, name_constraint},
    Named{X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE, name_constraint},
    Named{X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX, name_constraint},
    Named{X509_V_ERR_UNSUPPORTED_NAME_SYNTAX, name_constraint},
    Named{X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION, "certificate.unknown_critical_extension"},
    Named{X509_V_ERR_PROXY_CERTIFICATES_NOT_ALLOWED, "certificate.proxy"},
    Named{X509_V_ERR_EC_KEY_EXPLICIT_PARAMS, "certificate.weak_key"},
    Named{X509_V_ERR_INVALID_POLICY_EXTENSION, wrong_policy},
    Named{X509_V_ERR_NO_EXPLICIT_POLICY, wrong_policy},
};

// Not answers: something near us broke.
constexpr std::array faults = {
    X509_V_OK,
    X509_V_ERR_UNSPECIFIED,
    X509_V_ERR_OUT_OF_MEM,
    X509_V_ERR_INVALID_CALL,
    X509_V_ERR_STORE_LOOKUP,
    X509_V_ERR_APPLICATION_VERIFICATION,
};

std::string subject_of(const X509* certificate) {
    if (certificate == nullptr) return "";
    const auto name = DistinguishedName::read(X509_get_subject_name(certificate));
    return name ? ": " + name->text() : "";
}

}  // namespace

std::optional<CrlStatus> crl_trouble(int error) noexcept {
    switch (error) {
        case X509_V_ERR_UNABLE_TO_GET_CRL:
        case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
        case X509_V_ERR_DIFFERENT_CRL_SCOPE:
            return CrlStatus::missing;
        case X509_V_ERR_CRL_HAS_EXPIRED:
        case X509_V_ERR_CRL_NOT_YET_VALID:
            return CrlStatus::stale;
        case X509_V_ERR_CRL_SIGNATURE_FAILURE:
        case X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE:
        case X509_V_ERR_KEYUSAGE_NO_CRL_SIGN:
        case X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION:
        case X509_V_ERR_CRL_PATH_VALIDATION_ERROR:
        case X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD:
        case X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD:
            return CrlStatus::unusable;
        default:
            return std::nullopt;
    }
}

std::unexpected<Refusal> refuse_path(int error, const x509_st* at) {
    const std::string words = X509_verify_cert_error_string(error);
    for (const int fault : faults) {
        if (error == fault) throw Fault("OpenSSL failed to verify a certificate: " + words);
    }
    for (const auto& [named, reason] : names) {
        if (error == named) {
            return refuse(Refusal::unauthenticated, reason, words + subject_of(at));
        }
    }
    // What is left are the strict rules of RFC 5280 for issuers, and errors of later versions.
    return refuse(Refusal::unauthenticated, "certificate.not_conforming", words + subject_of(at));
}

}  // namespace sallyport::crypto
