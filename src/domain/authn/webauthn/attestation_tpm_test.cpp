#include "domain/authn/webauthn/attestation_fixture.h"

#include <doctest/doctest.h>

#include <functional>

namespace sallyport::authn::webauthn {

namespace {

namespace cbor = test::cbor;
using crypto::CoseAlgorithm;
using test::AttestationPlan;
using test::CeremonyPlan;
using test::SigningKey;
using test::Statement;

void put_sized(ByteWriter& out, BytesView content) {
    out.u16(static_cast<std::uint16_t>(content.size()));
    out.put(content);
}

// TPMT_PUBLIC of a P-256 or RSA key.
Bytes public_area(const SigningKey& key, std::uint32_t attributes = 1U << 18U) {
    ByteWriter out;
    const bool rsa = key.algorithm() == CoseAlgorithm::rs256;
    out.u16(rsa ? 0x0001 : 0x0023);
    out.u16(0x000B);  // named by SHA-256
    out.u32(attributes);
    put_sized(out, {});
    out.u16(0x0010);  // no symmetric algorithm
    out.u16(0x0010);  // no scheme
    if (rsa) {
        out.u16(2048);
        out.u32(0);  // 65537
        put_sized(out, key.rsa_modulus());
    } else {
        out.u16(0x0003);  // P-256
        out.u16(0x0010);
        const auto point = key.ec_point();
        put_sized(out, BytesView(point).subspan(1, 32));
        put_sized(out, BytesView(point).subspan(33));
    }
    return std::move(out).take();
}

struct CertifyPlan {
    std::uint32_t magic = 0xFF544347;
    std::uint16_t type = 0x8017;
    Bytes extra_data = {};
    Bytes name = {};
    Bytes tail = {};
};

Bytes certify_info(const CertifyPlan& plan) {
    ByteWriter out;
    out.u32(plan.magic);
    out.u16(plan.type);
    put_sized(out, {});
    put_sized(out, plan.extra_data);
    out.put(Bytes(25));
    put_sized(out, plan.name);
    put_sized(out, {});
    out.put(plan.tail);
    return std::move(out).take();
}

Bytes name_of(BytesView area) {
    ByteWriter out;
    out.u16(0x000B);
    out.put(crypto::sha256(area));
    return std::move(out).take();
}

Bytes named_tpm(const std::vector<std::pair<const char*, std::string_view>>& attributes) {
    Bytes set;
    for (const auto& [oid_hex, value] : attributes) {
        const auto oid = from_hex(oid_hex).value();
        const auto pair = cbor::joined(test::der(0x06, oid), test::der(0x0C, as_bytes(value)));
        set = cbor::joined(std::move(set), test::der(0x30, pair));
    }
    const auto name = test::der(0x30, test::der(0x31, set));
    return test::der(0x30, test::der_context(4, name));
}

constexpr const char* manufacturer = "6781050201";
constexpr const char* model = "6781050202";
constexpr const char* version = "6781050203";

const Bytes honest_name =
    named_tpm({{manufacturer, "id:49465800"}, {model, "X"}, {version, "id:13"}});
const Bytes aik_usage = test::der(0x30, test::der(0x06, from_hex("6781050803").value()));

AttestationPlan aik_plan(const Bytes& name = honest_name, const Bytes& usage = aik_usage) {
    return {
        .subject = {},
        .extensions =
            {
                {.oid = "2.5.29.17", .critical = true, .value = name},
                {.oid = "2.5.29.37", .critical = false, .value = usage},
            },
    };
}

// Everything that a TPM and its host put together.
struct Tpm {
    CeremonyPlan plan = {};
    SigningKey aik = SigningKey();
    AttestationPlan certificate = aik_plan();
    Bytes area = public_area(plan.key);
    std::function<void(CertifyPlan&)> before_signing = [](CertifyPlan&) {};
    std::int64_t algorithm = -7;

    [[nodiscard]] Statement statement() const {
        CertifyPlan certify;
        const auto hash =
            algorithm == -65535 ? crypto::HashAlgorithm::sha1 : crypto::HashAlgorithm::sha256;
        certify.extra_data = crypto::digest(hash, test::signed_bytes(plan));
        certify.name = name_of(area);
        before_signing(certify);
        const auto info = certify_info(certify);
        return {
            .format = "tpm",
            .members =
                {
                    {cbor::text("ver"), cbor::text("2.0")},
                    {cbor::text("alg"), cbor::integer(algorithm)},
                    {cbor::text("sig"), cbor::bytes(aik.sign(info))},
                    {cbor::text("x5c"), x5c({test::make_attesting(certificate, aik).der})},
                    {cbor::text("certInfo"), cbor::bytes(info)},
                    {cbor::text("pubArea"), cbor::bytes(area)},
                },
        };
    }

    [[nodiscard]] std::string verdict() const { return webauthn::verdict(plan, statement()); }
};

TEST_CASE("S1-21: tpm: a certified attestation key attests, for EC and RSA credentials") {
    Tpm tpm;
    const auto result = attested(tpm.plan, tpm.statement());
    REQUIRE(result.has_value());
    CHECK(result->attestation.type == AttestationType::attestation_ca);
    CHECK(result->attestation.trust_path.size() == 1);

    tpm.plan.key = SigningKey(CoseAlgorithm::rs256);
    tpm.area = public_area(tpm.plan.key);
    CHECK(tpm.verdict() == "accepted");
    tpm.aik = SigningKey(CoseAlgorithm::rs256);
    tpm.algorithm = -257;
    CHECK(tpm.verdict() == "accepted");
}

TEST_CASE("S1-21: tpm: old TPMs sign attestations with SHA-1, and that is taken here alone") {
    Tpm tpm;
    tpm.aik = SigningKey(CoseAlgorithm::rs1);
    tpm.algorithm = -65535;
    CHECK(tpm.verdict() == "accepted");
    tpm.before_signing = [](CertifyPlan& plan) { plan.extra_data.back() ^= std::byte{1}; };
    CHECK(tpm.verdict() == "tpm: extraData");
}

TEST_CASE("S1-21: tpm: the statement has all its members") {
    const Tpm tpm;
    const auto honest = tpm.statement();
    for (const auto* const name : {"alg", "sig", "pubArea", "certInfo"}) {
        CAPTURE(name);
        auto changed = honest;
        changed.remove(name);
        CHECK(verdict(tpm.plan, changed) == "tpm: alg, sig, pubArea or certInfo");
    }
    auto changed = honest;
    changed.remove("ver");
    CHECK(verdict(tpm.plan, changed) == "tpm: ver");
    changed.set("ver", cbor::text("1.2"));
    CHECK(verdict(tpm.plan, changed) == "tpm: ver");
    changed = honest;
    changed.remove("x5c");
    CHECK(verdict(tpm.plan, changed) == "x5c: no list of certificates");
    changed = honest;
    changed.set("alg", cbor::integer(-8));
    CHECK(verdict(tpm.plan, changed) == "tpm: alg, sig, pubArea or certInfo");
}

TEST_CASE("S1-21: tpm: the public area is the credential's key, which may sign") {
    Tpm tpm;
    tpm.area = public_area(SigningKey());
    CHECK(tpm.verdict() == "tpm: another key");
    tpm.area = public_area(SigningKey(CoseAlgorithm::rs256));
    CHECK(tpm.verdict() == "tpm: another key");
    tpm.area = public_area(tpm.plan.key, 0);
    CHECK(tpm.verdict() == "tpm: the key may not sign");
    tpm.area = public_area(tpm.plan.key);
    tpm.area.push_back(std::byte{0});
    CHECK(tpm.verdict() == "tpm: pubArea");
    tpm.area = {};
    CHECK(tpm.verdict() == "tpm: pubArea");
}

TEST_CASE("S1-21: tpm: the TPM itself certified that key for this ceremony") {
    const auto with = [](const std::function<void(CertifyPlan&)>& change) {
        Tpm tpm;
        tpm.before_signing = change;
        return tpm.verdict();
    };
    CHECK(with([](CertifyPlan& plan) { plan.magic = 0xFF544348; }) == "tpm: certInfo");
    CHECK(with([](CertifyPlan& plan) { plan.type = 0x8018; }) == "tpm: certInfo");
    CHECK(with([](CertifyPlan& plan) { plan.tail = Bytes(1); }) == "tpm: certInfo");
    CHECK(with([](CertifyPlan& plan) { plan.extra_data.clear(); }) == "tpm: extraData");
    CHECK(with([](CertifyPlan& plan) {
              plan.extra_data.back() ^= std::byte{1};
          }) == "tpm: extraData");
    CHECK(with([](CertifyPlan& plan) { plan.name.clear(); }) == "tpm: the name of the key");
    CHECK(with([](CertifyPlan& plan) {
              plan.name.back() ^= std::byte{1};
          }) == "tpm: the name of the key");
}

TEST_CASE("S1-21: tpm: the signature is the attestation key's") {
    const Tpm tpm;
    auto changed = tpm.statement();
    changed.set("x5c", x5c({test::make_attesting(aik_plan(), SigningKey()).der}));
    CHECK(verdict(tpm.plan, changed) == "tpm: the signature");
}

TEST_CASE("S1-21: tpm: the certificate is as §8.3.1 asks") {
    Tpm tpm;
    tpm.certificate.subject = {{.oid = "2.5.4.3", .value = "a subject"}};
    CHECK(tpm.verdict() == "tpm: the certificate has a subject");

    constexpr const char* nameless = "tpm: the certificate does not name the TPM";
    tpm.certificate = aik_plan(named_tpm({{model, "X"}, {version, "id:13"}}));
    CHECK(tpm.verdict() == nameless);
    tpm.certificate = aik_plan(named_tpm({{manufacturer, "id:49465800"}, {version, "id:13"}}));
    CHECK(tpm.verdict() == nameless);
    tpm.certificate = aik_plan(named_tpm({{manufacturer, "id:49465800"}, {model, "X"}}));
    CHECK(tpm.verdict() == nameless);
    tpm.certificate = aik_plan();
    tpm.certificate.extensions.erase(tpm.certificate.extensions.begin());
    CHECK(tpm.verdict() == nameless);

    const auto client_auth = test::der(0x06, from_hex("2b06010505070302").value());
    tpm.certificate = aik_plan(honest_name, test::der(0x30, client_auth));
    CHECK(tpm.verdict() == "tpm: the certificate's extended key usage");
    tpm.certificate = aik_plan();
    tpm.certificate.extensions.pop_back();
    CHECK(tpm.verdict() == "tpm: the certificate's extended key usage");

    tpm.certificate = aik_plan();
    tpm.certificate.ca = true;
    CHECK(tpm.verdict() == "tpm: the certificate is an authority's");
    tpm.certificate = aik_plan();
    tpm.certificate.basic_constraints = false;
    CHECK(tpm.verdict() == "tpm: the certificate is an authority's");

    tpm.certificate = aik_plan();
    tpm.certificate.extensions.push_back(test::aaguid_extension(tpm.plan.aaguid));
    CHECK(tpm.verdict() == "accepted");
    tpm.certificate.extensions.back() = test::aaguid_extension(Bytes(16));
    CHECK(tpm.verdict() == "tpm: the certificate's AAGUID");
}

}  // namespace

}  // namespace sallyport::authn::webauthn
