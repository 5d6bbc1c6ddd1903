#include "base/crypto/certificate.h"

#include "tests/support/certificates.h"

#include "base/crypto/asn1_values.h"

#include <doctest/doctest.h>

#include <string>

namespace sallyport::crypto {

namespace {

using test::certificate_noon;
using test::CertificatePlan;

std::string refusal(BytesView der) {
    const auto certificate = Certificate::from_der(der);
    return certificate ? "" : std::string(certificate.error().reason);
}

std::string refusal(const CertificatePlan& plan) {
    return refusal(test::self_signed(plan).der());
}

CertificatePlan with_names(const std::string& names) {
    auto plan = test::person_plan();
    plan.extensions.erase("authorityKeyIdentifier");
    plan.extensions["subjectAltName"] = names;
    return plan;
}

TEST_CASE("S1-22 (part): what is written in a smart card's certificate is read") {
    const auto issuer = test::self_signed(test::root_plan());
    auto plan = test::person_plan("Müller, Anna");
    plan.serial = "7F00FF";
    plan.extensions["certificatePolicies"] = "1.2.3.4";
    const auto issued = test::issue(plan, issuer);
    const auto certificate = issued.certificate();

    CHECK(
        certificate->subject.text() == R"(serialNumber=P-4711,CN=Müller\, Anna,O=Sankt Marien,C=DE)"
    );
    CHECK(certificate->issuer.text() == "CN=Test Root,O=Sankt Marien,C=DE");
    CHECK(certificate->issuer == issuer.certificate()->subject);
    CHECK(
        certificate->subject.values(oid::common_name) == std::vector<std::string>{"Müller, Anna"}
    );
    CHECK(to_hex(certificate->serial) == "7f00ff");
    CHECK(certificate->valid_from == certificate_noon - std::chrono::days(100));
    CHECK(certificate->valid_until == certificate_noon + std::chrono::days(100));
    CHECK(certificate->fingerprint == sha256(issued.der()));
    CHECK(certificate->key.kind == KeyKind::ec);
    CHECK(certificate->key.bits == 256);
    CHECK(certificate->key.curve == "prime256v1");
    CHECK(certificate->key.spki_sha256 == sha256(certificate->key.spki));
    CHECK_FALSE(certificate->is_ca);
    CHECK(issuer.certificate()->is_ca);
    CHECK(certificate.may(KeyUsage::digital_signature));
    CHECK_FALSE(certificate.may(KeyUsage::key_cert_sign));
    CHECK(certificate.is_for(oid::client_auth));
    CHECK_FALSE(certificate.is_for(oid::smart_card_logon));
    CHECK(
        certificate->names.user_principal_names ==
        std::vector<std::string>{"anna.admin@hospital.test"}
    );
    CHECK(certificate->names.emails == std::vector<std::string>{"anna.admin@hospital.test"});
    CHECK(certificate->crl_urls == std::vector<std::string>{"http://pki.hospital.test/cards.crl"});
    CHECK(certificate->ocsp_urls == std::vector<std::string>{"http://pki.hospital.test/ocsp"});
    CHECK(certificate->authority_key_id == issuer.certificate()->subject_key_id);
    REQUIRE(certificate.extension("2.5.29.15") != nullptr);
    CHECK(certificate.extension("2.5.29.15")->critical);
    CHECK(certificate.extension("2.5.29.32") != nullptr);
    CHECK(certificate.extension("2.5.29.33") == nullptr);
}

TEST_CASE("other alternative names are read, and the SID that Active Directory writes") {
    auto plan = with_names("DNS:pc07.hospital.test,URI:urn:uuid:1,IP:10.0.0.7,RID:1.2.3");
    // otherName 1.3.6.1.4.1.311.25.2.1 with the OCTET STRING "S-1-5-21-1-2-3-1104".
    plan.extensions["1.3.6.1.4.1.311.25.2"] =
        "DER:3025A023060A2B060104018237190201A0150413532D312D352D32312D312D322D332D31313034";
    const auto certificate = test::self_signed(plan).certificate();
    CHECK(certificate->names.dns_names == std::vector<std::string>{"pc07.hospital.test"});
    CHECK(certificate->names.uris == std::vector<std::string>{"urn:uuid:1"});
    CHECK(certificate->names.others == 2);
    CHECK(
        certificate->names.security_identifiers == std::vector<std::string>{"S-1-5-21-1-2-3-1104"}
    );
    plan.extensions["1.3.6.1.4.1.311.25.2"] = "DER:0500";
    CHECK(refusal(plan) == "certificate.malformed");
}

TEST_CASE("a key of each kind is named") {
    auto plan = test::root_plan();
    plan.key = "RSA-2048";
    CHECK(test::self_signed(plan).certificate()->key.kind == KeyKind::rsa);
    CHECK(test::self_signed(plan).certificate()->key.bits == 2048);
    plan.key = "ED25519";
    CHECK(test::self_signed(plan).certificate()->key.kind == KeyKind::ed25519);
}

TEST_CASE("a certificate is read from PEM, alone or with others") {
    const auto one = test::self_signed(test::root_plan());
    const auto pem = [](const test::Issued& issued) {
        return "-----BEGIN CERTIFICATE-----\n" + to_base64(issued.der()) +
               "\n-----END CERTIFICATE-----\n";
    };
    CHECK(Certificate::from_pem(pem(one)).value() == one.certificate());
    CHECK(Certificate::from_pem(pem(one) + pem(one)).error().reason == "pem.too_many");
    CHECK(Certificate::all_from_pem(pem(one) + pem(one), 2)->size() == 2);
}

TEST_CASE("names are one if they differ in string type, capitals or spaces only") {
    auto plan = test::root_plan("Test  Root ");
    const auto first = test::self_signed(plan).certificate();
    plan.subject = {{"C", "de"}, {"O", "SANKT MARIEN"}, {"CN", "test root"}};
    CHECK(first->subject == test::self_signed(plan).certificate()->subject);
    plan.subject.back().second = "testroot";
    CHECK(first->subject != test::self_signed(plan).certificate()->subject);
    // The same words at other places are another name.
    plan.subject = {{"C", "DE"}, {"CN", "Sankt Marien"}, {"O", "Test Root"}};
    CHECK(first->subject != test::self_signed(plan).certificate()->subject);
}

TEST_CASE("S1-22 (part): a name that programs read differently is refused") {
    using namespace std::string_literals;
    for (const auto& name : {"anna\0.evil"s, "anna\nCN=root"s, "anna\x7F"s, "anna\u0085"s}) {
        CHECK(refusal(test::root_plan(name)) == "certificate.ambiguous_name");
    }
    CHECK(refusal(with_names("email:anna@hospital.test")).empty());
    // rfc822Name "a@b\0c"; dNSName "a\0.b"; a UPN with a NUL; an e-mail with Latin-1 in it; an
    // empty one; a UPN as an INTEGER.
    for (const auto* der : {
             "DER:300781056140620063",
             "DER:3006820461002E62",
             "DER:3017A015060A2B060104018237140203A0070C056140620063",
             "DER:30058103FC4062",
             "DER:30028100",
             "DER:3013A011060A2B060104018237140203A003020105",
         }) {
        CAPTURE(der);
        CHECK(refusal(with_names(der)) == "certificate.ambiguous_name");
    }
}

TEST_CASE("what is not one certificate in DER is malformed") {
    auto der = test::self_signed(test::root_plan()).der();
    CHECK(refusal(der).empty());
    CHECK(refusal(Bytes()) == "certificate.malformed");
    CHECK(refusal(BytesView(der).first(der.size() - 1)) == "certificate.malformed");
    auto more = der;
    more.push_back(std::byte{0});
    CHECK(refusal(more) == "certificate.malformed");
    // The outer SEQUENCE with a length of three bytes where two do: BER, and another fingerprint.
    REQUIRE(der[1] == std::byte{0x82});
    auto ber = der;
    ber[1] = std::byte{0x83};
    ber.insert(ber.begin() + 2, std::byte{0});
    CHECK(refusal(ber) == "certificate.malformed");
    CHECK(refusal(Bytes(certificate_size_max + 1)) == "certificate.too_large");
}

TEST_CASE("an extension that is malformed or there twice is refused") {
    auto plan = test::root_plan();
    plan.extensions["keyUsage"] = "DER:0500";
    CHECK(refusal(plan) == "certificate.malformed");
    plan = test::root_plan();
    plan.extensions["1.2.3.4"] = "DER:0500";
    CHECK(refusal(plan).empty());
    // OpenSSL knows one extension under two words.
    plan.extensions["2.5.29.15"] = "DER:03020106";
    CHECK(refusal(plan) == "certificate.malformed");
}

TEST_CASE("too many names, and a negative or endless serial number, are refused") {
    std::string names = "email:a0@x.test";
    for (std::size_t i = 1; i < subject_names_max; ++i) {
        names += ",email:a" + std::to_string(i) + "@x.test";
    }
    CHECK(refusal(with_names(names)).empty());
    CHECK(refusal(with_names(names + ",email:b@x.test")) == "certificate.too_large");

    auto plan = test::root_plan();
    plan.serial = "-01";
    CHECK(refusal(plan) == "certificate.malformed");
    plan.serial = std::string(40, '7');
    CHECK(refusal(plan).empty());
    plan.serial = std::string(42, '7');
    CHECK(refusal(plan) == "certificate.malformed");
}

TEST_CASE("only URLs that are fetched by HTTP are listed") {
    auto plan = with_names("email:a@x.test");
    plan.extensions["crlDistributionPoints"] =
        "URI:ldap://dc/CN=x,URI:file://server/x.crl,URI:http://a.test/x.crl";
    CHECK(
        test::self_signed(plan).certificate()->crl_urls ==
        std::vector<std::string>{"http://a.test/x.crl"}
    );
}

TEST_CASE("a time is RFC 5280's: UTC, with seconds, without fractions") {
    const auto time = [](int type, std::string_view text) {
        const openssl::Owned<ASN1_TIME, ASN1_TIME_free> value(ASN1_STRING_type_new(type));
        REQUIRE(ASN1_STRING_set(value.get(), text.data(), static_cast<int>(text.size())) == 1);
        return openssl::time_of(value.get());
    };
    const Time noon =
        std::chrono::sys_days(std::chrono::year(2026) / 6 / 1) + std::chrono::hours(12);
    CHECK(time(V_ASN1_UTCTIME, "260601120000Z") == noon);
    CHECK(time(V_ASN1_GENERALIZEDTIME, "20260601120000Z") == noon);
    CHECK(time(V_ASN1_GENERALIZEDTIME, "99991231235959Z").has_value());
    CHECK(to_text(*time(V_ASN1_UTCTIME, "500101000000Z")) == "1950-01-01T00:00:00.000Z");
    for (const auto* text :
         {"2606011200Z", "260601140000+0200", "260631120000Z", "26060112000aZ"}) {
        CHECK_FALSE(time(V_ASN1_UTCTIME, text).has_value());
    }
    CHECK_FALSE(time(V_ASN1_GENERALIZEDTIME, "20260601120000.5Z").has_value());
}

}  // namespace

}  // namespace sallyport::crypto
