#include "domain/authn/webauthn/authenticator_metadata.h"

#include "tests/support/attestation_authority.h"

#include "base/crypto/der_reader.h"
#include "domain/authn/webauthn/metadata_payload.h"

#include <doctest/doctest.h>

#include <string>

namespace sallyport::authn::webauthn {

namespace {

using namespace std::chrono_literals;
using crypto::CoseAlgorithm;
using test::AttestingCertificate;
using test::SigningKey;

const Time now = Time(std::chrono::sys_days(std::chrono::year(2026) / 11 / 22));

constexpr const char* known = "08987058-cadc-4b81-b6e1-30de50dcbe96";

const AttestingCertificate& maker_root() {
    static const auto made = test::make_authority("Maker");
    return made;
}

std::string entry(const std::string& status, const std::string& aaguid = known) {
    return R"({"aaguid":")" + aaguid +
           R"(","metadataStatement":{"description":"Key One","attestationRootCertificates":[")" +
           to_base64(maker_root().der) + R"("]},"statusReports":[{"status":")" + status +
           R"(","effectiveDate":"2024-01-01"}],"timeOfLastStatusChange":"2024-01-01"})";
}

std::string payload(const std::string& entries, const std::string& next_update = "2026-12-01") {
    return R"({"legalHeader":"x","no":12,"nextUpdate":")" + next_update + R"(","entries":[)" +
           entries + "]}";
}

std::string_view payload_reason(const std::string& json) {
    const auto blob = parse_metadata_payload(json);
    return blob ? "accepted" : blob.error().reason;
}

// r and s side by side, from DER (RFC 7518 §3.4).
Bytes side_by_side(BytesView der) {
    crypto::DerReader outer(der);
    crypto::DerReader inner(outer.next(crypto::der_sequence).value());
    Bytes out;
    for (int i = 0; i < 2; ++i) {
        auto number = inner.next(crypto::der_integer).value();
        if (number.size() > 32) number = number.last(32);
        out.resize(out.size() + 32 - number.size());
        out.insert(out.end(), number.begin(), number.end());
    }
    return out;
}

// FIDO's place in the test: an authority, and a signer under it.
struct Service {
    explicit Service(
        CoseAlgorithm algorithm = CoseAlgorithm::rs256,
        const std::string& name = "mds.fidoalliance.org"
    )
        : root(test::make_authority("Public Root")),
          between(test::make_attesting(
              {.subject = {{.oid = "2.5.4.3", .value = "Between"}}, .ca = true}, SigningKey(), &root
          )),
          signer(test::make_attesting(signer_plan(name), SigningKey(algorithm), &between)) {}

    static test::AttestationPlan signer_plan(const std::string& name) {
        return {
            .subject = {{.oid = "2.5.4.3", .value = "Metadata"}},
            .extensions =
                {{.oid = "2.5.29.17",
                  .critical = false,
                  .value = test::der(0x30, test::der(0x82, as_bytes(name)))}},
        };
    }

    [[nodiscard]] std::string header(const std::string& algorithm) const {
        return R"({"alg":")" + algorithm + R"(","typ":"JWT","x5c":[")" + to_base64(signer.der) +
               R"(",")" + to_base64(between.der) + R"("]})";
    }

    [[nodiscard]] std::string blob(const std::string& header_json, const std::string& json) const {
        const auto text = to_base64url(as_bytes(header_json)) + "." + to_base64url(as_bytes(json));
        const auto signature = signer.key.sign(as_bytes(text));
        const bool ec = signer.key.algorithm() == CoseAlgorithm::es256;
        return text + "." + to_base64url(ec ? side_by_side(signature) : signature);
    }

    [[nodiscard]] std::string honest_blob() const {
        const bool ec = signer.key.algorithm() == CoseAlgorithm::es256;
        return blob(header(ec ? "ES256" : "RS256"), payload(entry("FIDO_CERTIFIED_L2")));
    }

    [[nodiscard]] MetadataTrust trust() const { return {.root = root.parsed()}; }

    AttestingCertificate root;
    AttestingCertificate between;
    AttestingCertificate signer;
};

const Service& service() {
    static const Service made;
    return made;
}

std::string_view reason(
    const std::string& jws, const MetadataTrust& trust, Time when = now, std::int64_t last = -1
) {
    const auto blob = verify_metadata_blob(as_bytes(jws), trust, when, last);
    return blob ? "accepted" : blob.error().reason;
}

TEST_CASE("S1-21: FIDO's list is verified, and tells models, roots and what speaks against them") {
    const auto jws = service().blob(
        service().header("RS256"),
        payload(
            entry("FIDO_CERTIFIED_L2") + "," +
            entry("REVOKED", "11111111-1111-1111-1111-111111111111") +
            R"(,{"aaid":"1234#5678","statusReports":[]})"
        )
    );
    const auto blob = verify_metadata_blob(as_bytes(jws), service().trust(), now).value();
    CHECK(blob.number == 12);
    CHECK(blob.next_update == std::chrono::sys_days(std::chrono::year(2026) / 12 / 1));
    CHECK(blob.authenticators.size() == 2);
    const auto* const one = find_authenticator(blob.authenticators, parse_aaguid(known).value());
    REQUIRE(one != nullptr);
    CHECK(one->description == "Key One");
    CHECK(one->compromised.empty());
    REQUIRE(one->roots.size() == 1);
    CHECK(one->roots.front().der == maker_root().der);
    CHECK(blob.authenticators.at(1).compromised == "REVOKED");
    CHECK(find_authenticator(blob.authenticators, Aaguid{}) == nullptr);
}

TEST_CASE("FIDO's list may be signed with ES256 too, and with nothing else") {
    const Service ec(CoseAlgorithm::es256);
    CHECK(reason(ec.honest_blob(), ec.trust()) == "accepted");
    const auto json = payload(entry("FIDO_CERTIFIED"));
    for (const auto* const algorithm : {"none", "HS256", "PS256", "ES384", "rs256"}) {
        CAPTURE(algorithm);
        const auto jws = service().blob(service().header(algorithm), json);
        CHECK(reason(jws, service().trust()) == "metadata.algorithm");
    }
    // The key decides as well: an RSA key makes no ES256 signature.
    const auto mixed = service().blob(service().header("ES256"), json);
    CHECK(reason(mixed, service().trust()) == "metadata.signature");
}

TEST_CASE("S1-21: a list that is not signed by FIDO under the given root is refused") {
    const auto jws = service().honest_blob();
    CHECK(reason(jws, service().trust()) == "accepted");
    CHECK(
        reason(jws, {.root = test::make_authority("Public Root").parsed()}) == "metadata.untrusted"
    );
    auto other_name = service().trust();
    other_name.signer = "fidoalliance.org";
    CHECK(reason(jws, other_name) == "metadata.untrusted");
    // The same public root signs others, too.
    const Service other(CoseAlgorithm::rs256, "mds.fidoalliance.org.evil.example");
    CHECK(reason(other.honest_blob(), other.trust()) == "metadata.untrusted");
    CHECK(reason(jws, service().trust(), test::attestations_until + 1h) == "metadata.untrusted");
}

TEST_CASE("S1-21: a list with anything changed after signing is refused") {
    const auto jws = service().honest_blob();
    const auto second = jws.find('.', jws.find('.') + 1);
    const auto other = payload(entry("FIDO_CERTIFIED_L2"), "2026-12-02");
    const auto changed =
        jws.substr(0, jws.find('.') + 1) + to_base64url(as_bytes(other)) + jws.substr(second);
    CHECK(reason(changed, service().trust()) == "metadata.signature");
    CHECK(reason(jws.substr(0, second + 1), service().trust()) == "metadata.signature");
    auto broken = jws;
    broken.at(second + 5) = broken.at(second + 5) == 'A' ? 'B' : 'A';
    CHECK(reason(broken, service().trust()) == "metadata.signature");
}

TEST_CASE("an old list is refused: past its next update, or not newer than the last") {
    const auto jws = service().honest_blob();
    const auto next_update = Time(std::chrono::sys_days(std::chrono::year(2026) / 12 / 1));
    CHECK(reason(jws, service().trust(), next_update + 24h - 1us) == "accepted");
    CHECK(reason(jws, service().trust(), next_update + 24h) == "metadata.outdated");
    CHECK(reason(jws, service().trust(), now, 11) == "accepted");
    CHECK(reason(jws, service().trust(), now, 12) == "metadata.replayed");
}

TEST_CASE("what is no JWS with certificates is refused") {
    const auto json = payload("");
    const auto with_header = [&](const std::string& header) {
        return reason(service().blob(header, json), service().trust());
    };
    CHECK(reason("", service().trust()) == "metadata.malformed");
    CHECK(reason("a.b", service().trust()) == "metadata.malformed");
    CHECK(reason("a.b.c.d", service().trust()) == "metadata.malformed");
    CHECK(reason("!.!.!", service().trust()) == "metadata.malformed");
    CHECK(with_header("{}") == "metadata.malformed");
    CHECK(with_header(R"({"alg":"RS256"})") == "metadata.malformed");
    CHECK(with_header(R"({"alg":"RS256","x5c":[]})") == "metadata.malformed");
    CHECK(with_header(R"({"alg":"RS256","x5c":["AAAA"]})") == "metadata.malformed");
    CHECK(with_header(R"({"alg":"RS256","x5c":[1]})") == "metadata.malformed");
    auto critical = service().header("RS256");
    critical.insert(1, R"("crit":["b64"],)");
    CHECK(with_header(critical) == "metadata.malformed");
}

TEST_CASE("S1-21: every status that speaks against a model counts, whatever comes after it") {
    for (const auto* const status :
         {"USER_VERIFICATION_BYPASS",
          "ATTESTATION_KEY_COMPROMISE",
          "USER_KEY_REMOTE_COMPROMISE",
          "USER_KEY_PHYSICAL_COMPROMISE",
          "REVOKED"}) {
        const auto blob = parse_metadata_payload(payload(entry(status))).value();
        CHECK(blob.authenticators.at(0).compromised == status);
    }
    for (const auto* const status :
         {"NOT_FIDO_CERTIFIED", "UPDATE_AVAILABLE", "FIDO_CERTIFIED_L1"}) {
        const auto blob = parse_metadata_payload(payload(entry(status))).value();
        CHECK(blob.authenticators.at(0).compromised.empty());
    }
    auto cleared = entry("REVOKED");
    const auto reports = cleared.find(R"(}],"timeOf)");
    cleared.insert(reports + 1, R"(,{"status":"FIDO_CERTIFIED"})");
    CHECK(parse_metadata_payload(payload(cleared))->authenticators.at(0).compromised == "REVOKED");
}

TEST_CASE("a list that is not as FIDO writes it is refused") {
    CHECK(payload_reason(payload("")) == "accepted");
    CHECK(payload_reason("") == "metadata.malformed");
    CHECK(payload_reason("{}") == "metadata.malformed");
    CHECK(payload_reason(payload("1")) == "metadata.malformed");
    CHECK(payload_reason(payload(R"({"aaguid":"x","statusReports":[]})")) == "metadata.malformed");
    CHECK(
        payload_reason(payload(R"({"aaguid":")" + std::string(known) + R"("})")) ==
        "metadata.malformed"
    );  // no status reports
    for (const auto* const date :
         {"2026-13-01", "2026-02-30", "2026-1-01", "tomorrow", "20261201"}) {
        CAPTURE(date);
        CHECK(payload_reason(payload("", date)) == "metadata.malformed");
    }
    std::string many = R"({"aaid":"x"})";
    for (std::size_t i = 0; i < metadata_entries_max; ++i) {
        many += R"(,{"aaid":"x"})";
    }
    CHECK(payload_reason(payload(many)) == "metadata.malformed");
}

TEST_CASE("a root that is no certificate is left out, line breaks in one are not") {
    auto text = entry("FIDO_CERTIFIED");
    const auto base64 = to_base64(maker_root().der);
    const auto at = text.find(base64);
    auto broken = text;
    broken.replace(at, 4, "AAAA");
    CHECK(parse_metadata_payload(payload(broken))->authenticators.at(0).roots.empty());
    text.insert(at + 64, "\\n");
    CHECK(parse_metadata_payload(payload(text))->authenticators.at(0).roots.size() == 1);
}

}  // namespace

}  // namespace sallyport::authn::webauthn
