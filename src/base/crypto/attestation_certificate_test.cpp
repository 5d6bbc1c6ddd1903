#include "base/crypto/attestation_certificate.h"

#include "tests/support/attestation_authority.h"
#include "tests/support/vectors.h"

#include <doctest/doctest.h>
#include <openssl/err.h>

#include <array>

namespace sallyport::crypto {

namespace {

using namespace std::chrono_literals;
using test::AttestationPlan;
using test::AttestingCertificate;
using test::make_attesting;
using test::make_authority;
using test::SigningKey;

const Time now = test::attestations_from + 24h;

std::string_view reason(const Result<AttestationCertificate>& certificate) {
    return certificate ? "accepted" : certificate.error().reason;
}

std::string_view path_reason(
    const std::vector<AttestationCertificate>& path,
    const std::vector<AttestationCertificate>& roots,
    Time when = now
) {
    const auto verified = verify_attestation_path(path, roots, when);
    return verified ? "accepted" : verified.error().reason;
}

AttestationPlan named(const std::string& name, bool ca) {
    return {.subject = {{.oid = "2.5.4.3", .value = name}}, .ca = ca};
}

TEST_CASE("a certificate's fields come out") {
    const auto root = make_authority("Root");
    auto plan = test::packed_plan();
    const Bytes aaguid(16, std::byte{7});
    plan.extensions.push_back(test::aaguid_extension(aaguid));
    const SigningKey key;
    const auto made = make_attesting(plan, key, &root);
    const auto parsed = parse_attestation_certificate(made.der).value();
    CHECK(parsed.version == 3);
    CHECK(parsed.has_basic_constraints);
    CHECK_FALSE(parsed.is_ca);
    CHECK(parsed.public_key == PublicKey::from_spki(key.spki()).value());
    CHECK(values_of(parsed.subject, "2.5.4.6") == std::vector<std::string_view>{"DE"});
    CHECK(values_of(parsed.subject, "2.5.4.12").empty());
    REQUIRE(parsed.extension("1.3.6.1.4.1.45724.1.1.4") != nullptr);
    CHECK(parsed.extension("1.3.6.1.4.1.45724.1.1.4")->value == test::der(0x04, aaguid));
    CHECK_FALSE(parsed.extension("1.3.6.1.4.1.45724.1.1.4")->critical);
    CHECK(parsed.extension("1.2.3") == nullptr);
    CHECK(parsed.not_before == test::attestations_from);
    CHECK(parsed.not_after == test::attestations_until);
    CHECK(root.parsed().is_ca);
}

TEST_CASE("what is no certificate, or more than one, is refused") {
    const auto der = make_authority("Root").der;
    CHECK(reason(parse_attestation_certificate(der)) == "accepted");
    CHECK(reason(parse_attestation_certificate({})) == "certificate.malformed");
    for (const std::size_t size : {std::size_t{1}, der.size() / 2, der.size() - 1}) {
        const auto cut = BytesView(der).first(size);
        CHECK(reason(parse_attestation_certificate(cut)) == "certificate.malformed");
    }
    auto longer = der;
    longer.push_back(std::byte{0});
    CHECK(reason(parse_attestation_certificate(longer)) == "certificate.malformed");
    const Bytes large(attestation_certificate_size_max + 1);
    CHECK(reason(parse_attestation_certificate(large)) == "certificate.malformed");
}

TEST_CASE("an extension twice, or one that is not well formed, is refused") {
    auto plan = test::packed_plan();
    plan.extensions.push_back(test::aaguid_extension(Bytes(16)));
    plan.extensions.push_back(test::aaguid_extension(Bytes(16, std::byte{1})));
    const auto twice = make_attesting(plan, SigningKey());
    CHECK(reason(parse_attestation_certificate(twice.der)) == "certificate.malformed");

    for (const auto* const oid : {"2.5.29.17", "2.5.29.37", "2.5.29.15", "2.5.29.19"}) {
        CAPTURE(oid);
        auto broken = test::packed_plan();
        broken.basic_constraints = false;
        broken.extensions.push_back({.oid = oid, .critical = false, .value = test::der(0x05, {})});
        const auto made = make_attesting(broken, SigningKey());
        CHECK(reason(parse_attestation_certificate(made.der)) == "certificate.malformed");
    }
}

TEST_CASE("a zero in a name is refused") {
    auto plan = named(std::string("good\0evil", 9), false);
    const auto made = make_attesting(plan, SigningKey());
    CHECK(reason(parse_attestation_certificate(made.der)) == "certificate.malformed");
}

TEST_CASE("a path ends at a root, directly or through authorities") {
    const auto root = make_authority("Root");
    const auto between = make_attesting(named("Between", true), SigningKey(), &root);
    const auto leaf = make_attesting(named("Leaf", false), SigningKey(), &between);
    const auto direct = make_attesting(named("Direct", false), SigningKey(), &root);
    CHECK(path_reason({direct.parsed()}, {root.parsed()}) == "accepted");
    CHECK(path_reason({leaf.parsed(), between.parsed()}, {root.parsed()}) == "accepted");
    CHECK(
        path_reason({leaf.parsed(), between.parsed(), root.parsed()}, {root.parsed()}) == "accepted"
    );
    // An authority in the middle, or the attesting certificate itself, may be what is trusted.
    CHECK(path_reason({leaf.parsed()}, {between.parsed()}) == "accepted");
    CHECK(path_reason({leaf.parsed()}, {leaf.parsed()}) == "accepted");
    CHECK(path_reason({leaf.parsed()}, {root.parsed()}) == "certificate.untrusted");
}

TEST_CASE("a path to no root is not trusted, whatever names stand in it") {
    const auto root = make_authority("Root");
    const auto impostor = make_authority("Root");
    const auto leaf = make_attesting(named("Leaf", false), SigningKey(), &impostor);
    CHECK(path_reason({leaf.parsed()}, {root.parsed()}) == "certificate.untrusted");
    CHECK(
        path_reason({leaf.parsed(), impostor.parsed()}, {root.parsed()}) == "certificate.untrusted"
    );
    CHECK(path_reason({leaf.parsed()}, {}) == "certificate.untrusted");
    CHECK(path_reason({}, {root.parsed()}) == "certificate.untrusted");
    const std::vector<AttestationCertificate> long_path(attestation_path_max + 1, leaf.parsed());
    CHECK(path_reason(long_path, {impostor.parsed()}) == "certificate.untrusted");
}

TEST_CASE("who is no authority, or does not say so, signs nothing") {
    const auto root = make_authority("Root");
    const auto leaf_of = [&](const AttestationPlan& plan) {
        const auto between = make_attesting(plan, SigningKey(), &root);
        const auto leaf = make_attesting(named("Leaf", false), SigningKey(), &between);
        return path_reason({leaf.parsed(), between.parsed()}, {root.parsed()});
    };
    CHECK(leaf_of(named("Between", true)) == "accepted");
    CHECK(leaf_of(named("Between", false)) == "certificate.untrusted");
    auto silent = named("Between", false);
    silent.basic_constraints = false;
    CHECK(leaf_of(silent) == "certificate.untrusted");
    // OpenSSL alone takes this one: certificate signing among the key usages, and no constraints.
    const std::array<std::byte, 2> cert_sign = {std::byte{2}, std::byte{0x04}};
    silent.extensions.push_back(
        {.oid = "2.5.29.15", .critical = true, .value = test::der(0x03, cert_sign)}
    );
    CHECK(leaf_of(silent) == "certificate.untrusted");
}

TEST_CASE("a path holds between its dates only") {
    const auto root = make_authority("Root");
    auto plan = named("Leaf", false);
    plan.not_before = now;
    plan.not_after = now + 1h;
    const auto leaf = make_attesting(plan, SigningKey(), &root);
    CHECK(path_reason({leaf.parsed()}, {root.parsed()}, now) == "accepted");
    CHECK(path_reason({leaf.parsed()}, {root.parsed()}, now - 1s) == "certificate.expired");
    CHECK(path_reason({leaf.parsed()}, {root.parsed()}, now + 1h - 1s) == "accepted");
    CHECK(path_reason({leaf.parsed()}, {root.parsed()}, now + 1h) == "certificate.expired");
}

TEST_CASE("weak keys and signatures break a path") {
    const auto root = make_authority("Root");
    const auto weak_key = make_attesting(named("Leaf", false), SigningKey::rsa(1024), &root);
    CHECK(path_reason({weak_key.parsed()}, {root.parsed()}) == "certificate.untrusted");
    auto plan = named("Leaf", false);
    plan.digest = "SHA1";
    const auto weak_signature = make_attesting(plan, SigningKey(), &root);
    CHECK(path_reason({weak_signature.parsed()}, {root.parsed()}) == "certificate.untrusted");
}

TEST_CASE("an extension that nobody knows and that is critical breaks a path") {
    const auto root = make_authority("Root");
    auto plan = named("Leaf", false);
    plan.extensions.push_back({.oid = "1.2.3.4", .critical = true, .value = test::der(0x05, {})});
    const auto leaf = make_attesting(plan, SigningKey(), &root);
    CHECK(path_reason({leaf.parsed()}, {root.parsed()}) == "certificate.untrusted");
}

TEST_CASE("a refusal leaves nothing on OpenSSL's error queue, and takes nothing from it") {
    ERR_clear_error();
    const auto root = make_authority("Root");
    const auto stranger = make_attesting(named("Stranger", false), SigningKey());
    CHECK_FALSE(parse_attestation_certificate(BytesView(root.der).first(20)).has_value());
    CHECK(path_reason({stranger.parsed()}, {root.parsed()}) == "certificate.untrusted");
    CHECK_FALSE(PublicKey::from_spki(BytesView(root.der).first(20)).has_value());
    CHECK_FALSE(root.parsed().public_key.verify(CoseAlgorithm::es256, {}, Bytes(70)));
    CHECK(ERR_peek_error() == 0);
    ERR_raise(ERR_LIB_USER, 1);
    CHECK_FALSE(PublicKey::from_spki(BytesView(root.der).first(20)).has_value());
    CHECK(ERR_peek_error() != 0);
    ERR_clear_error();
}

TEST_CASE("the root of W3C's vectors is read") {
    const auto root = parse_attestation_certificate(
        test::read_vectors("webauthn/w3c_l3_root.vec").at(0).bytes("certificate")
    );
    REQUIRE(root.has_value());
    CHECK(root->is_ca);
    CHECK(values_of(root->subject, "2.5.4.10") == std::vector<std::string_view>{"W3C"});
    CHECK(to_text(root->not_after) == "3024-01-01T00:00:00.000Z");
}

}  // namespace

}  // namespace sallyport::crypto
