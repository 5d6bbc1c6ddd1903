#include "base/crypto/certificate_chain.h"

#include "tests/support/certificates.h"

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

namespace sallyport::crypto {

namespace {

using test::certificate_noon;
using test::CertificatePlan;
using test::Issued;

// A root, an intermediate, a smart card, and a list of each issuer; a test changes one thing.
struct Pki {
    CertificatePlan root = test::root_plan();
    CertificatePlan intermediate = test::intermediate_plan();
    CertificatePlan person = test::person_plan();
    test::CrlPlan root_crl;
    test::CrlPlan crl;
    std::function<Issued(const Issued&)> last_step = [](const Issued& leaf) { return leaf; };
};

// What the change makes of the verification: "" or the refusal's reason.
std::string refusal(const Pki& pki, const ChainRules& rules = {}, Time now = certificate_noon) {
    const auto root = test::self_signed(pki.root);
    const auto intermediate = test::issue(pki.intermediate, root);
    const auto leaf = pki.last_step(test::issue(pki.person, intermediate));
    const std::vector anchors = {root.certificate()};
    const std::vector intermediates = {intermediate.certificate()};
    const std::vector crls = {
        test::make_crl(pki.root_crl, root), test::make_crl(pki.crl, intermediate)
    };
    const auto chain =
        verify_certificate_chain(leaf.certificate(), intermediates, anchors, crls, now, rules);
    return chain ? "" : std::string(chain.error().reason);
}

std::string after(const std::function<void(Pki&)>& change, const ChainRules& rules = {}) {
    Pki pki;
    change(pki);
    return refusal(pki, rules);
}

TEST_CASE("S1-22 (part): a smart card's chain is verified up to the anchor, with its lists") {
    const auto root = test::self_signed(test::root_plan());
    const auto intermediate = test::issue(test::intermediate_plan(), root);
    const auto leaf = test::issue(test::person_plan(), intermediate);
    const std::vector crls = {test::make_crl({}, root), test::make_crl({}, intermediate)};
    const std::vector anchors = {root.certificate()};
    // Also if the peer sends the anchor and the leaf once more.
    const std::vector sent = {
        leaf.certificate(),
        root.certificate(),
        intermediate.certificate(),
        intermediate.certificate()
    };
    const auto chain =
        verify_certificate_chain(leaf.certificate(), sent, anchors, crls, certificate_noon);
    REQUIRE(chain.has_value());
    REQUIRE(chain->certificates().size() == 3);
    CHECK(chain->leaf() == leaf.certificate());
    CHECK(chain->issuer_of(0) == intermediate.certificate());
    CHECK(chain->issuer_of(1) == root.certificate());
    CHECK(chain->issuer_of(2) == root.certificate());
    CHECK(chain->anchor() == root.certificate());
    CHECK(chain->verified_at() == certificate_noon);
    CHECK(chain->crl_status(0) == CrlStatus::not_listed);
    CHECK(chain->crl_status(1) == CrlStatus::not_listed);
}

TEST_CASE("S1-22 (part): without a path to an anchor a certificate is untrusted") {
    const auto root = test::self_signed(test::root_plan());
    const auto intermediate = test::issue(test::intermediate_plan(), root);
    const auto leaf = test::issue(test::person_plan(), intermediate).certificate();
    const std::vector anchors = {root.certificate()};
    const std::vector intermediates = {intermediate.certificate()};
    const ChainRules rules{.crls = CrlDemand::none};
    const auto verify = [&](const Certificate& of,
                            std::span<const Certificate> between,
                            std::span<const Certificate> above) {
        const auto chain =
            verify_certificate_chain(of, between, above, {}, certificate_noon, rules);
        return chain ? "" : std::string(chain.error().reason);
    };
    CHECK(verify(leaf, intermediates, anchors).empty());
    CHECK(verify(leaf, {}, anchors) == "certificate.untrusted");
    CHECK(verify(leaf, intermediates, {}) == "certificate.untrusted");
    // Another root of the same name; an intermediate for an anchor; the leaf for its own.
    const std::vector other = {test::self_signed(test::root_plan()).certificate()};
    CHECK(verify(leaf, intermediates, other) != "");
    CHECK(verify(leaf, {}, intermediates) == "certificate.untrusted");
    auto alone = test::person_plan();
    alone.extensions.erase("authorityKeyIdentifier");
    const auto self_signed = test::self_signed(alone).certificate();
    CHECK(verify(self_signed, {}, anchors) == "certificate.untrusted");
    CHECK(verify(self_signed, {}, std::span(&self_signed, 1)) == "certificate.untrusted");
}

TEST_CASE("S1-22 (part): a wrong signature is refused") {
    CHECK(after([](Pki& pki) {
              pki.last_step = [](const Issued& leaf) {
                  return test::signed_by(leaf, test::self_signed(test::root_plan()));
              };
          }) == "certificate.wrong_signature");
}

TEST_CASE("S1-22 (part): before and after its validity no certificate of the chain counts") {
    const Pki pki{
        .root_crl = {.next_update = certificate_noon + std::chrono::days(1000)},
        .crl = {.next_update = certificate_noon + std::chrono::days(1000)},
    };
    const ChainRules rules{.crls = CrlDemand::none};
    CHECK(
        refusal(pki, rules, pki.person.from - std::chrono::seconds(1)) ==
        "certificate.not_yet_valid"
    );
    CHECK(refusal(pki, rules, pki.person.from).empty());
    CHECK(refusal(pki, rules, pki.person.until - std::chrono::microseconds(1)).empty());
    CHECK(refusal(pki, rules, pki.person.until + std::chrono::seconds(1)) == "certificate.expired");
    CHECK(after([](Pki& p) {
              p.intermediate.until = certificate_noon - std::chrono::hours(1);
          }) == "certificate.expired");
    CHECK(after([](Pki& p) {
              p.root.until = certificate_noon - std::chrono::hours(1);
          }) == "certificate.expired");
    CHECK(after([](Pki& p) {
              p.intermediate.from = certificate_noon + std::chrono::hours(1);
          }) == "certificate.not_yet_valid");
}

TEST_CASE("S1-22 (part): a certificate for another use is refused") {
    const auto with_purposes = [](const char* purposes, const ChainRules& rules = {}) {
        return after(
            [&](Pki& pki) { pki.person.extensions["extendedKeyUsage"] = purposes; }, rules
        );
    };
    const ChainRules logon{.purpose = ClientPurpose::client_auth_or_smart_card_logon};
    CHECK(with_purposes("serverAuth,clientAuth").empty());
    CHECK(with_purposes("serverAuth") == "certificate.wrong_usage");
    CHECK(with_purposes("anyExtendedKeyUsage") == "certificate.wrong_usage");
    CHECK(with_purposes("msSmartcardLogin") == "certificate.wrong_usage");
    CHECK(with_purposes("msSmartcardLogin", logon).empty());
    CHECK(with_purposes("emailProtection", logon) == "certificate.wrong_usage");
    CHECK(after([](Pki& pki) {
              pki.person.extensions.erase("extendedKeyUsage");
          }) == "certificate.wrong_usage");
    CHECK(after([](Pki& pki) {
              pki.person.extensions["keyUsage"] = "critical,keyEncipherment";
          }) == "certificate.wrong_usage");
    CHECK(after([](Pki& pki) {
              pki.person.extensions.erase("keyUsage");
          }) == "certificate.wrong_usage");
    // An intermediate for servers only; one for anything.
    CHECK(after([](Pki& pki) {
              pki.intermediate.extensions["extendedKeyUsage"] = "serverAuth";
          }) == "certificate.wrong_usage");
    CHECK(after([](Pki& pki) {
              pki.intermediate.extensions["extendedKeyUsage"] = "anyExtendedKeyUsage";
          }).empty());
}

TEST_CASE("S1-22 (part): a CA's own certificate signs nobody in") {
    CHECK(after([](Pki& pki) {
              pki.intermediate.extensions["basicConstraints"] = "critical,CA:TRUE";
              pki.person.extensions["basicConstraints"] = "critical,CA:TRUE";
              pki.person.extensions["keyUsage"] = "critical,digitalSignature,keyCertSign";
          }) == "certificate.wrong_usage");
}

TEST_CASE("S1-22 (part): who is no CA issues nothing") {
    CHECK(after([](Pki& pki) {
              pki.intermediate.extensions["basicConstraints"] = "critical,CA:FALSE";
          }) == "certificate.issuer_not_a_ca");
    CHECK(after([](Pki& pki) {
              pki.intermediate.extensions.erase("basicConstraints");
          }) == "certificate.issuer_not_a_ca");
    CHECK(after([](Pki& pki) {
              pki.intermediate.extensions["keyUsage"] = "critical,cRLSign,digitalSignature";
          }) == "certificate.issuer_not_a_ca");
}

TEST_CASE("S1-22 (part): weak keys and weak signatures are refused") {
    CHECK(after([](Pki& pki) { pki.person.key = "RSA-2048"; }).empty());
    CHECK(after([](Pki& pki) { pki.person.key = "ED25519"; }).empty());
    CHECK(after([](Pki& pki) { pki.person.key = "brainpoolP256r1"; }).empty());
    CHECK(after([](Pki& pki) { pki.person.key = "RSA-1024"; }) == "certificate.weak_key");
    CHECK(after([](Pki& pki) { pki.person.key = "secp192k1"; }) == "certificate.weak_key");
    CHECK(after([](Pki& pki) { pki.root.key = "RSA-1024"; }) == "certificate.weak_key");
    CHECK(after([](Pki& pki) { pki.person.digest = "SHA1"; }) == "certificate.weak_signature");
    CHECK(after([](Pki& pki) {
              pki.intermediate.digest = "SHA1";
          }) == "certificate.weak_signature");
    // The anchor's signature proves nothing, so it may be old.
    CHECK(after([](Pki& pki) { pki.root.digest = "SHA1"; }).empty());
}

TEST_CASE("S1-22 (part): MD5 is refused, and PSS is as strong as its hash") {
    const auto signed_with = [](const char* digest, bool pss) {
        return after([&](Pki& pki) {
            pki.intermediate.key = "RSA-2048";
            pki.person.digest = digest;
            pki.person.pss = pss;
        });
    };
    CHECK(signed_with("SHA256", false).empty());
    CHECK(signed_with("MD5", false) == "certificate.weak_signature");
    CHECK(signed_with("SHA384", true).empty());
    CHECK(signed_with("SHA1", true) == "certificate.weak_signature");
}

TEST_CASE("S1-22 (part): a path that is too long is refused") {
    CHECK(after([](Pki&) {}, {.intermediates_max = 1}).empty());
    CHECK(after([](Pki&) {}, {.intermediates_max = 0}) == "certificate.path_too_long");
    CHECK(after([](Pki& pki) {
              pki.root.extensions["basicConstraints"] = "critical,CA:TRUE,pathlen:0";
          }) == "certificate.path_too_long");
}

TEST_CASE("S1-22 (part): an issuer's name constraints hold, for the kinds of names that they name"
) {
    const auto with = [](const char* constraints) {
        return after([&](Pki& pki) {
            pki.intermediate.extensions["nameConstraints"] = std::string("critical,") + constraints;
        });
    };
    CHECK(with("permitted;email:hospital.test").empty());
    CHECK(with("permitted;email:clinic.test") == "certificate.name_constraint");
    CHECK(with("excluded;email:hospital.test") == "certificate.name_constraint");
    // A UPN is bound by none of them: that is why a rule by UPN names its issuers.
    CHECK(with("permitted;DNS:clinic.test").empty());
}

TEST_CASE("S1-22 (part): policies are demanded by rule, and processed where an issuer demands them"
) {
    const ChainRules rules{.policies = {"1.2.3.4"}};
    const auto named = [](const char* by_person) {
        return [=](Pki& pki) {
            pki.intermediate.extensions["certificatePolicies"] = "1.2.3.4";
            pki.person.extensions["certificatePolicies"] = by_person;
        };
    };
    CHECK(after(named("1.2.3.4"), rules).empty());
    CHECK(after(named("1.2.3.5"), rules) == "certificate.wrong_policy");
    CHECK(after([](Pki&) {}, rules) == "certificate.wrong_policy");
    CHECK(after([](Pki&) {}, {.policies = {"hardware"}}) == "certificate.policy_malformed");
    // With policies of its own, since OpenSSL 3.0 loses some bytes where it has none
    // (openssl#31678).
    CHECK(after([](Pki& pki) {
              pki.intermediate.extensions["certificatePolicies"] = "1.2.3.4";
              pki.intermediate.extensions["policyConstraints"] = "critical,requireExplicitPolicy:0";
          }) == "certificate.wrong_policy");
}

TEST_CASE("S1-22 (part): a critical extension that nobody here understands is refused") {
    CHECK(after([](Pki& pki) {
              pki.person.extensions["1.2.3.4"] = "critical,DER:0500";
          }) == "certificate.unknown_critical_extension");
    CHECK(after([](Pki& pki) { pki.person.extensions["1.2.3.4"] = "DER:0500"; }).empty());
}

TEST_CASE("a proxy certificate signs nobody in") {
    CHECK(after([](Pki& pki) {
              pki.person.extensions.erase("subjectAltName");
              pki.person.extensions.erase("basicConstraints");
              pki.person.extensions["proxyCertInfo"] = "critical,language:id-ppl-anyLanguage";
          }) == "certificate.proxy");
}

TEST_CASE("an issuer that breaks RFC 5280 is refused") {
    CHECK(after([](Pki& pki) {
              pki.intermediate.extensions["basicConstraints"] = "CA:TRUE";
          }) == "certificate.not_conforming");
}

TEST_CASE("S1-22 (part): a revoked certificate is refused, whoever of the chain it is") {
    CHECK(after([](Pki& pki) { pki.crl.serials = {"1001"}; }) == "certificate.revoked");
    CHECK(after([](Pki& pki) { pki.crl.serials = {"1000", "1002"}; }).empty());
    CHECK(after([](Pki& pki) { pki.root_crl.serials = {"02"}; }) == "certificate.revoked");
    // Consulted where given, also where none is demanded; and a stale list still revokes.
    const ChainRules none{.crls = CrlDemand::none};
    CHECK(after([](Pki& pki) { pki.crl.serials = {"1001"}; }, none) == "certificate.revoked");
    CHECK(
        after(
            [](Pki& pki) {
                pki.crl.serials = {"1001"};
                pki.crl.next_update = certificate_noon - std::chrono::minutes(1);
            },
            none
        ) == "certificate.revoked"
    );
}

TEST_CASE("S1-22 (part): without a current list the chain is refused where one is demanded") {
    const auto stale = [](Pki& pki) {
        pki.crl.next_update = certificate_noon - std::chrono::seconds(1);
    };
    CHECK(after(stale) == "certificate.crl_stale");
    CHECK(after(stale, {.crls = CrlDemand::leaf}) == "certificate.crl_stale");
    CHECK(after(stale, {.crls = CrlDemand::none}).empty());
    const auto root_stale = [](Pki& pki) {
        pki.root_crl.next_update = certificate_noon - std::chrono::seconds(1);
    };
    CHECK(after(root_stale) == "certificate.crl_stale");
    CHECK(after(root_stale, {.crls = CrlDemand::leaf}).empty());
    CHECK(after([](Pki& pki) {
              pki.crl.this_update = certificate_noon + std::chrono::minutes(1);
          }) == "certificate.crl_stale");
    // A list signed with SHA-1 counts as none.
    CHECK(after([](Pki& pki) { pki.crl.digest = "SHA1"; }) == "certificate.crl_missing");
    CHECK(after([](Pki& pki) {
              pki.crl.extensions["1.2.3.4"] = "critical,DER:0500";
          }) == "certificate.crl_unusable");
    // For CA certificates only; for another distribution point.
    CHECK(after([](Pki& pki) {
              pki.crl.extensions["issuingDistributionPoint"] = "critical,DER:30038201FF";
          }) == "certificate.crl_missing");
    CHECK(after([](Pki& pki) {
              pki.crl.extensions["issuingDistributionPoint"] =
                  "critical,DER:300DA00BA0098607687474703A2F2F";
          }) == "certificate.crl_missing");
    CHECK(after([](Pki& pki) {
              pki.intermediate.extensions["keyUsage"] = "critical,keyCertSign";
          }) == "certificate.crl_unusable");
}

TEST_CASE("S1-22 (part): a list under a wrong signature neither clears nor revokes") {
    const auto root = test::self_signed(test::root_plan());
    const auto leaf = test::issue(test::person_plan(), root).certificate();
    const auto forger = test::self_signed(test::root_plan());
    const std::vector anchors = {root.certificate()};
    // The forger's key identifier differs, so the list names its issuer by name alone.
    const std::vector crls = {test::make_crl({.serials = {"1001"}}, forger)};
    const auto demanded = verify_certificate_chain(leaf, {}, anchors, crls, certificate_noon);
    REQUIRE_FALSE(demanded.has_value());
    CHECK(demanded.error().reason == "certificate.crl_unusable");
    const auto not_demanded = verify_certificate_chain(
        leaf, {}, anchors, crls, certificate_noon, {.crls = CrlDemand::none}
    );
    REQUIRE(not_demanded.has_value());
    CHECK(not_demanded->crl_status(0) == CrlStatus::unusable);
}

TEST_CASE("of two lists the newer counts; without any, all are missing") {
    const auto root = test::self_signed(test::root_plan());
    const auto leaf = test::issue(test::person_plan(), root).certificate();
    const std::vector anchors = {root.certificate()};
    const test::CrlPlan older{.this_update = certificate_noon - std::chrono::hours(2)};
    const test::CrlPlan newer{.serials = {"1001"}};
    for (const bool newer_first : {true, false}) {
        const std::vector crls = {
            test::make_crl(newer_first ? newer : older, root),
            test::make_crl(newer_first ? older : newer, root),
        };
        const auto chain = verify_certificate_chain(leaf, {}, anchors, crls, certificate_noon);
        REQUIRE_FALSE(chain.has_value());
        CHECK(chain.error().reason == "certificate.revoked");
    }
    const auto without = verify_certificate_chain(leaf, {}, anchors, {}, certificate_noon);
    REQUIRE_FALSE(without.has_value());
    CHECK(without.error().reason == "certificate.crl_missing");
}

TEST_CASE("more certificates than the bounds allow are not looked at") {
    const auto root = test::self_signed(test::root_plan()).certificate();
    const std::vector many(intermediates_given_max + 1, root);
    const auto chain = verify_certificate_chain(root, many, {}, {}, certificate_noon);
    REQUIRE_FALSE(chain.has_value());
    CHECK(chain.error().reason == "certificate.too_many");
}

}  // namespace

}  // namespace sallyport::crypto
