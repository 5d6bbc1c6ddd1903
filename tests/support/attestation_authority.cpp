#include "tests/support/attestation_authority.h"

#include "base/crypto/openssl.h"

#include <openssl/asn1.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace sallyport::test {

namespace {

using crypto::openssl::require;

using Object = crypto::openssl::Owned<ASN1_OBJECT, ASN1_OBJECT_free>;
using Octets = crypto::openssl::Owned<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>;
using Extension = crypto::openssl::Owned<X509_EXTENSION, X509_EXTENSION_free>;
using Name = crypto::openssl::Owned<X509_NAME, X509_NAME_free>;
using Certificate = crypto::openssl::Owned<X509, X509_free>;

Name name_of(const std::vector<crypto::AttestationAttribute>& attributes) {
    Name name(X509_NAME_new());
    for (const auto& [oid, value] : attributes) {
        const Object type(OBJ_txt2obj(oid.c_str(), 1));
        require(
            X509_NAME_add_entry_by_OBJ(
                name.get(),
                type.get(),
                MBSTRING_UTF8,
                reinterpret_cast<const unsigned char*>(value.data()),
                static_cast<int>(value.size()),
                -1,
                0
            ) == 1,
            "a name"
        );
    }
    return name;
}

void add_extension(X509* certificate, const crypto::AttestationExtension& extension) {
    const Object type(OBJ_txt2obj(extension.oid.c_str(), 1));
    const Octets value(ASN1_OCTET_STRING_new());
    require(
        ASN1_OCTET_STRING_set(
            value.get(),
            crypto::openssl::in(extension.value),
            static_cast<int>(extension.value.size())
        ) == 1,
        "an extension"
    );
    const Extension made(
        X509_EXTENSION_create_by_OBJ(nullptr, type.get(), extension.critical ? 1 : 0, value.get())
    );
    require(X509_add_ext(certificate, made.get(), -1) == 1, "an extension");
}

long seconds_of(Time time) {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

}  // namespace

Bytes der(std::uint8_t tag, BytesView content) {
    ByteWriter out;
    out.u8(tag);
    if (content.size() < 0x80) {
        out.u8(static_cast<std::uint8_t>(content.size()));
    } else if (content.size() <= UINT8_MAX) {
        out.u8(0x81);
        out.u8(static_cast<std::uint8_t>(content.size()));
    } else {
        out.u8(0x82);
        out.u16(static_cast<std::uint16_t>(content.size()));
    }
    out.put(content);
    return std::move(out).take();
}

Bytes der_context(std::uint32_t number, BytesView content) {
    if (number < 31) return der(static_cast<std::uint8_t>(0xA0U | number), content);
    auto body = der(0, content);
    ByteWriter out;
    out.u8(0xBF);
    if (number >= 128) out.u8(static_cast<std::uint8_t>(0x80U | number >> 7U));
    out.u8(static_cast<std::uint8_t>(number & 0x7FU));
    out.put(BytesView(body).subspan(1));
    return std::move(out).take();
}

AttestingCertificate make_attesting(
    const AttestationPlan& plan, const SigningKey& key, const AttestingCertificate* issuer
) {
    static long serial = 1000;
    const Certificate certificate(X509_new());
    require(X509_set_version(certificate.get(), plan.version - 1) == 1, "version");
    require(ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial) == 1, "serial");
    const auto& issuing_name = issuer == nullptr ? plan.subject : issuer->subject;
    require(
        X509_set_subject_name(certificate.get(), name_of(plan.subject).get()) == 1 &&
            X509_set_issuer_name(certificate.get(), name_of(issuing_name).get()) == 1 &&
            ASN1_TIME_set(X509_getm_notBefore(certificate.get()), seconds_of(plan.not_before)) !=
                nullptr &&
            ASN1_TIME_set(X509_getm_notAfter(certificate.get()), seconds_of(plan.not_after)) !=
                nullptr &&
            X509_set_pubkey(certificate.get(), key.get()) == 1,
        "a certificate"
    );
    if (plan.basic_constraints) {
        const Bytes yes = {std::byte{0x01}, std::byte{0x01}, std::byte{0xFF}};
        add_extension(
            certificate.get(),
            {.oid = "2.5.29.19",
             .critical = true,
             .value = der(0x30, plan.ca ? BytesView(yes) : BytesView())}
        );
    }
    for (const auto& extension : plan.extensions) {
        add_extension(certificate.get(), extension);
    }
    const auto& signer = issuer == nullptr ? key : issuer->key;
    const bool edwards = signer.algorithm() == crypto::CoseAlgorithm::eddsa;
    require(
        X509_sign(
            certificate.get(), signer.get(), edwards ? nullptr : EVP_get_digestbyname(plan.digest)
        ) > 0,
        "signing a certificate"
    );

    unsigned char* out = nullptr;
    const int size = i2d_X509(certificate.get(), &out);
    require(size > 0, "a certificate's encoding");
    const auto* const bytes = reinterpret_cast<const std::byte*>(out);
    AttestingCertificate made{
        .der = Bytes(bytes, bytes + size), .key = key, .subject = plan.subject
    };
    OPENSSL_free(out);
    return made;
}

AttestingCertificate make_authority(const std::string& name) {
    return make_attesting(
        {.subject = {{.oid = "2.5.4.3", .value = name}}, .ca = true}, SigningKey()
    );
}

AttestationPlan packed_plan() {
    return {
        .subject =
            {
                {.oid = "2.5.4.6", .value = "DE"},
                {.oid = "2.5.4.10", .value = "Sankt Marien Test Keys"},
                {.oid = "2.5.4.11", .value = "Authenticator Attestation"},
                {.oid = "2.5.4.3", .value = "Test Key 1"},
            },
    };
}

crypto::AttestationExtension aaguid_extension(BytesView aaguid) {
    return {.oid = "1.3.6.1.4.1.45724.1.1.4", .critical = false, .value = der(0x04, aaguid)};
}

}  // namespace sallyport::test
