#include "domain/authn/certificate/certificate_identity.h"

#include "tests/support/certificates.h"

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

namespace sallyport::authn {

namespace {

using test::certificate_noon;

struct Card {
    test::Issued root = test::self_signed(test::root_plan());
    test::Issued leaf;

    explicit Card(const test::CertificatePlan& plan = test::person_plan())
        : leaf(test::issue(plan, root)) {}

    [[nodiscard]] AcceptedCertificate accepted() const {
        auto chain = crypto::verify_certificate_chain(
            leaf.certificate(),
            {},
            std::vector{root.certificate()},
            std::vector{test::make_crl({}, root)},
            certificate_noon
        );
        return accept_certificate(
                   std::move(chain).value(), {}, {.source = RevocationSource::crl}, certificate_noon
        )
            .value();
    }

    [[nodiscard]] MappingRule rule(IdentitySource source, const char* attribute = "") const {
        return {
            .source = source,
            .attribute = attribute,
            .issuer_keys = {root.certificate()->key.spki_sha256},
        };
    }

    // The value, or the refusal's reason in brackets.
    [[nodiscard]] std::string identity(IdentitySource source, const char* attribute = "") const {
        const auto found = identity_of(accepted(), rule(source, attribute));
        return found ? found->value : "<" + std::string(found.error().reason) + ">";
    }
};

Card card_with(const std::string& names) {
    auto plan = test::person_plan();
    plan.extensions["subjectAltName"] = names;
    return Card(plan);
}

std::string upn(const std::string& value) {
    return "otherName:1.3.6.1.4.1.311.20.2.3;UTF8:" + value;
}

constexpr auto none = "<certificate.no_identity>";
constexpr auto ambiguous = "<certificate.ambiguous_identity>";

TEST_CASE("S1-22 (part): each rule finds its one value") {
    auto plan = test::person_plan();
    plan.extensions["subjectAltName"] =
        upn("Anna.Admin@Hospital.Test") + ",email:A.Admin@Mail.Test,DNS:PC07.Hospital.Test";
    plan.extensions["1.3.6.1.4.1.311.25.2"] =
        "DER:3025A023060A2B060104018237190201A0150413532D312D352D32312D312D322D332D31313034";
    const Card card(plan);
    CHECK(
        card.identity(IdentitySource::fingerprint) == to_hex(card.leaf.certificate()->fingerprint)
    );
    CHECK(
        card.identity(IdentitySource::issuer_and_serial) ==
        to_hex(card.root.certificate()->key.spki_sha256) + ":1001"
    );
    CHECK(card.identity(IdentitySource::user_principal_name) == "anna.admin@hospital.test");
    CHECK(card.identity(IdentitySource::email) == "a.admin@mail.test");
    CHECK(card.identity(IdentitySource::dns_name) == "pc07.hospital.test");
    CHECK(card.identity(IdentitySource::subject_attribute, "2.5.4.5") == "P-4711");
    CHECK(card.identity(IdentitySource::security_identifier) == "S-1-5-21-1-2-3-1104");
    const auto found = identity_of(card.accepted(), card.rule(IdentitySource::email));
    REQUIRE(found.has_value());
    CHECK(found->source == IdentitySource::email);
    CHECK(found->issued_at == plan.from);
}

TEST_CASE("S1-22 (part): a certificate without the value maps to nobody") {
    const auto card = card_with("URI:urn:x:1");
    CHECK(card.identity(IdentitySource::user_principal_name) == none);
    CHECK(card.identity(IdentitySource::email) == none);
    CHECK(card.identity(IdentitySource::dns_name) == none);
    CHECK(card.identity(IdentitySource::security_identifier) == none);
    CHECK(card.identity(IdentitySource::subject_attribute, "2.5.4.11") == none);
}

TEST_CASE("S1-22 (part): a certificate with two values maps to nobody") {
    const auto two = card_with(
        upn("anna@h.test") + "," + upn("berta@h.test") +
        ",email:anna@h.test,email:berta@h.test,DNS:a.h.test,DNS:b.h.test"
    );
    CHECK(two.identity(IdentitySource::user_principal_name) == ambiguous);
    CHECK(two.identity(IdentitySource::email) == ambiguous);
    CHECK(two.identity(IdentitySource::dns_name) == ambiguous);
    auto plan = test::person_plan();
    plan.subject.emplace_back("serialNumber", "P-4712");
    CHECK(Card(plan).identity(IdentitySource::subject_attribute, "2.5.4.5") == ambiguous);
    // The same one twice is one.
    const auto same = card_with("email:anna@h.test,email:Anna@H.test");
    CHECK(same.identity(IdentitySource::email) == "anna@h.test");
}

TEST_CASE("S1-22 (part): a value that can be read in two ways maps to nobody") {
    for (const auto* value : {
             "ann\u0430@h.test",  // a Cyrillic a
             "müller@h.test",     // two normal forms
             "pc07$@h.test",      // a computer's account
             "anna@h.test@evil.test",
             "anna",
             "@h.test",
             "anna@",
             "anna@h..test",
             "anna@-h.test",
             "anna@h.test.",
             "an na@h.test",
             "*@h.test",
             "anna@*.test",
             "\"anna\"@h.test",
         }) {
        CAPTURE(value);
        CHECK(card_with(upn(value)).identity(IdentitySource::user_principal_name) == ambiguous);
    }
    CHECK(card_with("email:*@h.test").identity(IdentitySource::email) == ambiguous);
    CHECK(card_with("DNS:*.h.test").identity(IdentitySource::dns_name) == ambiguous);
    CHECK(card_with("DNS:pc_07.h.test").identity(IdentitySource::dns_name) == ambiguous);
    // One good value beside an odd one is not picked.
    CHECK(
        card_with(upn("anna@h.test") + "," + upn("müller@h.test"))
            .identity(IdentitySource::user_principal_name) == ambiguous
    );
    auto plan = test::person_plan();
    plan.subject.back().second = "P-4711 ";
    CHECK(Card(plan).identity(IdentitySource::subject_attribute, "2.5.4.5") == ambiguous);
}

TEST_CASE("S1-22 (part): a rule by a name says whose names, and takes nobody else's") {
    const Card card;
    for (const auto source : {
             IdentitySource::security_identifier,
             IdentitySource::user_principal_name,
             IdentitySource::email,
             IdentitySource::dns_name,
         }) {
        const auto found = identity_of(card.accepted(), MappingRule{.source = source});
        REQUIRE_FALSE(found.has_value());
        CHECK(found.error().reason == "mapping.issuer_missing");
    }
    const MappingRule by_attribute{
        .source = IdentitySource::subject_attribute, .attribute = "2.5.4.5"
    };
    CHECK(check_mapping_rule(by_attribute).error().reason == "mapping.issuer_missing");

    // A card of another CA, with the same names.
    const Card other;
    const auto found =
        identity_of(other.accepted(), card.rule(IdentitySource::user_principal_name));
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().reason == "certificate.no_identity");
}

TEST_CASE("S1-22 (part): the default takes the enrolled certificate itself, and no renewal of it") {
    const Card card;
    const Card renewed;
    const auto found = identity_of(card.accepted(), MappingRule{});
    REQUIRE(found.has_value());
    CHECK(found->source == IdentitySource::fingerprint);
    CHECK(found->value != identity_of(renewed.accepted(), MappingRule{}).value().value);
    // Another issuer of the same name and serial number is another.
    const MappingRule by_serial{.source = IdentitySource::issuer_and_serial};
    CHECK(
        identity_of(card.accepted(), by_serial).value().value !=
        identity_of(renewed.accepted(), by_serial).value().value
    );
}

TEST_CASE("S1-22 (part): a rule by an attribute names one that people do not share") {
    const Card card;
    const auto reason = [&](IdentitySource source, const char* attribute) {
        const auto checked = check_mapping_rule(card.rule(source, attribute));
        return checked ? "" : std::string(checked.error().reason);
    };
    CHECK(reason(IdentitySource::subject_attribute, "2.5.4.5").empty());
    CHECK(reason(IdentitySource::subject_attribute, "2.5.4.3") == "mapping.attribute_not_unique");
    CHECK(reason(IdentitySource::subject_attribute, "2.5.4.42") == "mapping.attribute_not_unique");
    for (const auto* text : {"", "CN", "2.5.4.", ".2.5", "2..5", "2"}) {
        CAPTURE(text);
        CHECK(reason(IdentitySource::subject_attribute, text) == "mapping.attribute_malformed");
    }
    CHECK(reason(IdentitySource::email, "2.5.4.5") == "mapping.attribute_malformed");
}

TEST_CASE("S1-22 (part): the first rule that finds a value counts; an ambiguous one ends the search"
) {
    const auto card = card_with("email:anna@h.test,DNS:a.h.test,DNS:b.h.test");
    const auto with = [&](std::vector<IdentitySource> sources) {
        std::vector<MappingRule> rules;
        for (const auto source : sources) {
            rules.push_back(card.rule(source));
        }
        const auto found = identity_of(card.accepted(), rules);
        return found ? found->value : "<" + std::string(found.error().reason) + ">";
    };
    CHECK(with({IdentitySource::user_principal_name, IdentitySource::email}) == "anna@h.test");
    CHECK(with({IdentitySource::dns_name, IdentitySource::email}) == ambiguous);
    CHECK(with({IdentitySource::user_principal_name}) == none);
    CHECK(with({}) == none);
}

}  // namespace

}  // namespace sallyport::authn
