#include "tests/support/certificates.h"

#include "base/crypto/asn1_values.h"
#include "base/crypto/x509.h"

#include <openssl/bn.h>
#include <openssl/conf.h>
#include <openssl/rsa.h>

#include <functional>

namespace sallyport::test {

namespace {

using crypto::openssl::require;

using Text = crypto::openssl::Owned<ASN1_TIME, ASN1_TIME_free>;
using Number = crypto::openssl::Owned<ASN1_INTEGER, ASN1_INTEGER_free>;
using Extension = crypto::openssl::Owned<X509_EXTENSION, X509_EXTENSION_free>;
using Configuration = crypto::openssl::Owned<CONF, NCONF_free>;

std::shared_ptr<EVP_PKEY> make_key(const std::string& kind) {
    EVP_PKEY* key = nullptr;
    if (kind == "ED25519") {
        key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    } else if (kind.starts_with("RSA-")) {
        const auto bits = static_cast<std::size_t>(std::stoul(kind.substr(4)));
        key = EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", bits);
    } else {
        key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", kind.c_str());
    }
    require(key != nullptr, "a test's key");
    return {key, EVP_PKEY_free};
}

Number number(const std::string& hex) {
    BIGNUM* read = nullptr;
    require(BN_hex2bn(&read, hex.c_str()) > 0, "a test's serial number");
    const crypto::openssl::Owned<BIGNUM, BN_free> owner(read);
    return Number(BN_to_ASN1_INTEGER(read, nullptr));
}

Text time_text(Time time) {
    Text text(ASN1_TIME_set(nullptr, crypto::openssl::seconds_of(time)));
    require(text != nullptr, "a test's time");
    return text;
}

void set_subject(X509* certificate, const CertificatePlan& plan) {
    auto* name = X509_get_subject_name(certificate);
    for (const auto& [type, value] : plan.subject) {
        require(
            X509_NAME_add_entry_by_txt(
                name,
                type.c_str(),
                MBSTRING_UTF8,
                crypto::openssl::in(as_bytes(value)),
                static_cast<int>(value.size()),
                -1,
                0
            ) == 1,
            "a test's name"
        );
    }
}

// `add` takes each extension that the words make.
void add_extensions(
    const std::map<std::string, std::string>& extensions,
    X509V3_CTX& context,
    const std::function<int(X509_EXTENSION*)>& add
) {
    // Some words ask for a configuration, be it empty.
    const Configuration none(NCONF_new(nullptr));
    X509V3_set_nconf(&context, none.get());
    for (const auto& [name, value] : extensions) {
        const Extension extension(
            X509V3_EXT_nconf(none.get(), &context, name.c_str(), value.c_str())
        );
        require(extension != nullptr && add(extension.get()) == 1, name.c_str());
    }
}

// Prepared to sign what X509_sign_ctx() and the like are given.
crypto::openssl::DigestContext signing(EVP_PKEY* key, const std::string& digest, bool pss) {
    crypto::openssl::DigestContext context(EVP_MD_CTX_new());
    const auto* name = EVP_PKEY_is_a(key, "ED25519") == 1 ? nullptr : digest.c_str();
    EVP_PKEY_CTX* padding = nullptr;
    require(
        context != nullptr &&
            EVP_DigestSignInit_ex(context.get(), &padding, name, nullptr, nullptr, key, nullptr) ==
                1,
        "a test's signature"
    );
    if (pss) require(EVP_PKEY_CTX_set_rsa_padding(padding, RSA_PKCS1_PSS_PADDING) == 1, "PSS");
    return context;
}

Issued made(const CertificatePlan& plan, const Issued* issuer) {
    const std::shared_ptr<X509> object(X509_new(), X509_free);
    const Issued made{.object = object, .key = make_key(plan.key)};
    const auto& signer = issuer == nullptr ? made : *issuer;
    auto* certificate = object.get();
    require(X509_set_version(certificate, X509_VERSION_3) == 1, "version");
    require(X509_set_serialNumber(certificate, number(plan.serial).get()) == 1, "serial");
    set_subject(certificate, plan);
    require(
        X509_set_issuer_name(certificate, X509_get_subject_name(signer.object.get())) == 1, "issuer"
    );
    require(X509_set1_notBefore(certificate, time_text(plan.from).get()) == 1, "from");
    require(X509_set1_notAfter(certificate, time_text(plan.until).get()) == 1, "until");
    require(X509_set_pubkey(certificate, made.key.get()) == 1, "key");
    X509V3_CTX context;
    X509V3_set_ctx(&context, signer.object.get(), certificate, nullptr, nullptr, 0);
    add_extensions(plan.extensions, context, [&](X509_EXTENSION* extension) {
        return X509_add_ext(certificate, extension, -1);
    });
    const auto with = signing(signer.key.get(), plan.digest, plan.pss);
    require(X509_sign_ctx(certificate, with.get()) > 0, "a test's signature");
    return made;
}

int status_of(crypto::OcspStatus status) {
    switch (status) {
        case crypto::OcspStatus::good:
            return V_OCSP_CERTSTATUS_GOOD;
        case crypto::OcspStatus::revoked:
            return V_OCSP_CERTSTATUS_REVOKED;
        case crypto::OcspStatus::unknown:
            return V_OCSP_CERTSTATUS_UNKNOWN;
    }
    return V_OCSP_CERTSTATUS_UNKNOWN;
}

}  // namespace

Bytes Issued::der() const {
    return crypto::openssl::der_of(object.get(), i2d_X509);
}

crypto::Certificate Issued::certificate() const {
    return crypto::Certificate::from_der(der()).value();
}

CertificatePlan root_plan(const std::string& name) {
    return {
        .subject = {{"C", "DE"}, {"O", "Sankt Marien"}, {"CN", name}},
        .serial = "01",
        .extensions =
            {
                {"basicConstraints", "critical,CA:TRUE"},
                {"keyUsage", "critical,keyCertSign,cRLSign"},
                {"subjectKeyIdentifier", "hash"},
            },
    };
}

CertificatePlan intermediate_plan(const std::string& name) {
    auto plan = root_plan(name);
    plan.serial = "02";
    plan.extensions["basicConstraints"] = "critical,CA:TRUE,pathlen:0";
    plan.extensions["authorityKeyIdentifier"] = "keyid:always";
    return plan;
}

CertificatePlan person_plan(const std::string& name) {
    return {
        .subject = {{"C", "DE"}, {"O", "Sankt Marien"}, {"CN", name}, {"serialNumber", "P-4711"}},
        .extensions =
            {
                {"basicConstraints", "critical,CA:FALSE"},
                {"keyUsage", "critical,digitalSignature"},
                {"extendedKeyUsage", "clientAuth"},
                {"subjectKeyIdentifier", "hash"},
                {"authorityKeyIdentifier", "keyid:always"},
                {"subjectAltName",
                 "otherName:1.3.6.1.4.1.311.20.2.3;UTF8:anna.admin@hospital.test,"
                 "email:anna.admin@hospital.test"},
                {"crlDistributionPoints", "URI:http://pki.hospital.test/cards.crl"},
                {"authorityInfoAccess", "OCSP;URI:http://pki.hospital.test/ocsp"},
            },
    };
}

CertificatePlan responder_plan() {
    return {
        .subject = {{"CN", "Test Responder"}},
        .serial = "0A",
        .extensions =
            {
                {"basicConstraints", "critical,CA:FALSE"},
                {"keyUsage", "critical,digitalSignature"},
                {"extendedKeyUsage", "OCSPSigning"},
                {"noCheck", "ignored"},
                {"subjectKeyIdentifier", "hash"},
                {"authorityKeyIdentifier", "keyid:always"},
            },
    };
}

Issued self_signed(const CertificatePlan& plan) {
    return made(plan, nullptr);
}

Issued issue(const CertificatePlan& plan, const Issued& issuer) {
    return made(plan, &issuer);
}

Issued signed_by(const Issued& issued, const Issued& signer) {
    const Issued copy{
        .object = std::shared_ptr<X509>(X509_dup(issued.object.get()), X509_free), .key = issued.key
    };
    const auto with = signing(signer.key.get(), "SHA256", false);
    require(X509_sign_ctx(copy.object.get(), with.get()) > 0, "a test's signature");
    return copy;
}

Bytes crl_der(const CrlPlan& plan, const Issued& issuer) {
    const crypto::openssl::CrlObject crl(X509_CRL_new());
    require(
        X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2) == 1 &&
            X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(issuer.object.get())) == 1 &&
            X509_CRL_set1_lastUpdate(crl.get(), time_text(plan.this_update).get()) == 1,
        "a test's CRL"
    );
    if (plan.next_update) {
        require(
            X509_CRL_set1_nextUpdate(crl.get(), time_text(*plan.next_update).get()) == 1, "CRL"
        );
    }
    for (const auto& serial : plan.serials) {
        auto* entry = X509_REVOKED_new();
        require(
            X509_REVOKED_set_serialNumber(entry, number(serial).get()) == 1 &&
                X509_REVOKED_set_revocationDate(entry, time_text(plan.this_update).get()) == 1 &&
                X509_CRL_add0_revoked(crl.get(), entry) == 1,
            "a test's revocation"
        );
    }
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer.object.get(), nullptr, nullptr, crl.get(), 0);
    add_extensions(plan.extensions, context, [&](X509_EXTENSION* extension) {
        return X509_CRL_add_ext(crl.get(), extension, -1);
    });
    const auto with = signing(issuer.key.get(), plan.digest, false);
    require(X509_CRL_sign_ctx(crl.get(), with.get()) > 0, "a test's CRL");
    return crypto::openssl::der_of(crl.get(), i2d_X509_CRL);
}

crypto::Crl make_crl(const CrlPlan& plan, const Issued& issuer) {
    return crypto::Crl::from_der(crl_der(plan, issuer)).value();
}

Bytes ocsp_response(
    const OcspPlan& plan, const Issued& subject, const Issued& issuer, const Issued& signer
) {
    const crypto::openssl::BasicResponse basic(OCSP_BASICRESP_new());
    const crypto::openssl::CertificateId id(
        OCSP_cert_to_id(EVP_sha1(), subject.object.get(), issuer.object.get())
    );
    const auto from = time_text(plan.this_update);
    const auto until = plan.next_update ? time_text(*plan.next_update) : nullptr;
    for (int i = 0; i < plan.answers; ++i) {
        require(
            OCSP_basic_add1_status(
                basic.get(),
                id.get(),
                status_of(plan.status),
                0,
                from.get(),
                from.get(),
                until.get()
            ) != nullptr,
            "a test's OCSP answer"
        );
    }
    if (plan.nonce) {
        auto nonce = *plan.nonce;
        require(
            OCSP_basic_add1_nonce(
                basic.get(), crypto::openssl::out(nonce), static_cast<int>(nonce.size())
            ) == 1,
            "a test's nonce"
        );
    }
    unsigned long flags = plan.certificate_embedded ? 0UL : OCSP_NOCERTS;
    if (plan.responder_by_key) flags |= OCSP_RESPID_KEY;
    require(
        OCSP_basic_sign(
            basic.get(),
            signer.object.get(),
            signer.key.get(),
            EVP_get_digestbyname(plan.digest.c_str()),
            nullptr,
            flags
        ) == 1,
        "a test's OCSP response"
    );
    const crypto::openssl::OcspResponseObject response(
        OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic.get())
    );
    return crypto::openssl::der_of(response.get(), i2d_OCSP_RESPONSE);
}

Bytes ocsp_try_later() {
    const crypto::openssl::OcspResponseObject response(
        OCSP_response_create(OCSP_RESPONSE_STATUS_TRYLATER, nullptr)
    );
    return crypto::openssl::der_of(response.get(), i2d_OCSP_RESPONSE);
}

Bytes signature_by(const Issued& signer, BytesView message) {
    constexpr std::size_t size_max = 512;
    const crypto::openssl::DigestContext context(EVP_MD_CTX_new());
    Bytes signature(size_max);
    std::size_t size = signature.size();
    auto* const key = signer.key.get();
    const bool made = EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
                      EVP_DigestSign(
                          context.get(),
                          crypto::openssl::out(signature),
                          &size,
                          crypto::openssl::in(message),
                          message.size()
                      ) == 1;
    require(made, "a test's signature");
    signature.resize(size);
    return signature;
}

}  // namespace sallyport::test
