#include "domain/authn/certificate/certificate_trust.h"

#include "tests/support/certificates.h"
#include "tests/support/clocks.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace sallyport::authn {

namespace {

using crypto::OcspStatus;
using test::certificate_noon;
using test::CertificatePlan;
using test::Issued;

// A card under one anchor, with a current list; a test changes one thing.
struct Desk {
    Issued root = test::self_signed(test::root_plan());
    Issued leaf = test::issue(test::person_plan(), root);
    std::vector<Bytes> shown;
    CertificateTrust trust;
    std::vector<std::string> asked;
    std::optional<OcspStatus> answer;  // none: the responder is gone
    test::SettableClock clock{certificate_noon};
    test::ReplayedRandom random;

    explicit Desk(const CertificatePlan& plan = test::person_plan())
        : leaf(test::issue(plan, root)), shown{leaf.der()} {
        trust.anchors = {root.certificate()};
        trust.crls = {test::make_crl({}, root)};
        trust.ocsp.nonce = crypto::OcspNonce::may_be_absent;
    }

    Desk& by(RevocationSource source) {
        trust.revocation.source = source;
        return *this;
    }

    Desk& answering(OcspStatus status) {
        answer = status;
        return *this;
    }

    Desk& listing(const test::CrlPlan& plan) {
        trust.crls = {test::make_crl(plan, root)};
        return *this;
    }

    [[nodiscard]] Result<PresentedCard> judged() {
        const AskResponder ask = [this](const std::string& url, BytesView) -> std::optional<Bytes> {
            asked.push_back(url);
            if (!answer) return std::nullopt;
            return test::ocsp_response({.status = *answer}, leaf, root, root);
        };
        return judge_certificate(shown, trust, ask, test::Moments(clock, random).now());
    }

    [[nodiscard]] std::string verdict() {
        const auto found = judged();
        return found ? "good" : std::string(found.error().reason);
    }
};

CertificatePlan with(const std::string& extension, const std::string& value) {
    auto plan = test::person_plan();
    plan.extensions[extension] = value;
    return plan;
}

TEST_CASE("a good card is told by certificate, key, issuer and serial") {
    Desk desk;
    desk.trust.pin_asked = true;
    const auto card = desk.judged();
    REQUIRE(card.has_value());
    const auto certificate = desk.leaf.certificate();
    CHECK(std::ranges::equal(card->fingerprint, certificate->fingerprint));
    CHECK(std::ranges::equal(card->key_digest, certificate->key.spki_sha256));
    CHECK(std::ranges::equal(card->issuer_key, desk.root.certificate()->key.spki_sha256));
    CHECK(card->serial == certificate->serial);
    CHECK(card->subject.contains("CN=Anna Admin"));
    CHECK(card->valid_until == certificate->valid_until);
    CHECK(card->shown == desk.shown);
    CHECK(card->pin_asked);
    CHECK_FALSE(card->key_in_hardware);
    CHECK(desk.asked.empty());  // the list says it
}

TEST_CASE("S1-22 (part): chain, purpose and validity of what TLS shows are verified") {
    CHECK(Desk().verdict() == "good");
    {
        Desk desk;
        desk.trust.anchors = {test::self_signed(test::root_plan("Another Root")).certificate()};
        CHECK(desk.verdict() == "certificate.untrusted");
    }
    {
        Desk desk;  // a namesake of the anchor signed it
        desk.trust.anchors = {test::self_signed(test::root_plan()).certificate()};
        CHECK(desk.verdict() != "good");
    }
    CHECK(Desk(with("extendedKeyUsage", "serverAuth")).verdict() == "certificate.wrong_usage");
    CHECK(Desk(with("keyUsage", "critical,keyAgreement")).verdict() == "certificate.wrong_usage");
    {
        auto plan = test::person_plan();
        plan.until = certificate_noon;
        CHECK(Desk(plan).verdict() == "certificate.expired");
        plan = test::person_plan();
        plan.from = certificate_noon + std::chrono::seconds(1);
        CHECK(Desk(plan).verdict() == "certificate.not_yet_valid");
    }
    {
        Desk desk;
        desk.shown.clear();
        CHECK(desk.verdict() == "certificate.missing");
        desk.shown = {Bytes(5)};
        CHECK(desk.verdict() == "certificate.malformed");
        desk.shown.assign(crypto::intermediates_given_max + 2, desk.leaf.der());
        CHECK(desk.verdict() == "certificate.too_many");
    }
    {
        Desk desk;  // another purpose, where the operator takes it
        const auto logon = with("extendedKeyUsage", "1.3.6.1.4.1.311.20.2.2");
        CHECK(Desk(logon).verdict() == "certificate.wrong_usage");
        Desk lenient(logon);
        lenient.trust.chain.purpose = crypto::ClientPurpose::client_auth_or_smart_card_logon;
        CHECK(lenient.verdict() == "good");
    }
    {
        Desk desk;
        desk.trust.chain.policies = {"1.3.6.1.4.1.99999.1"};
        CHECK(desk.verdict() == "certificate.wrong_policy");
    }
}

TEST_CASE("S1-22 (part): revocation by list and by responder; no news is a no") {
    const test::CrlPlan revoked{.serials = {"1001"}};
    const test::CrlPlan stale{.next_update = certificate_noon - std::chrono::seconds(1)};
    CHECK(Desk().by(RevocationSource::crl).verdict() == "good");
    CHECK(Desk().listing(revoked).verdict() == "certificate.revoked");
    CHECK(Desk().by(RevocationSource::crl).listing(stale).verdict() == "certificate.crl_stale");
    {
        Desk desk;
        desk.trust.crls.clear();
        CHECK(desk.by(RevocationSource::crl).verdict() == "certificate.crl_missing");
        CHECK(desk.asked.empty());
        // The responder is gone, whether it is demanded or a list would do.
        CHECK(desk.by(RevocationSource::crl_or_ocsp).verdict() == "certificate.revocation_unknown");
        CHECK(desk.by(RevocationSource::ocsp).verdict() == "certificate.ocsp_missing");
        CHECK(desk.asked == std::vector<std::string>(2, "http://pki.hospital.test/ocsp"));
        CHECK(desk.answering(OcspStatus::good).verdict() == "good");
        CHECK(desk.answering(OcspStatus::revoked).verdict() == "certificate.revoked");
        CHECK(desk.answering(OcspStatus::unknown).verdict() == "certificate.ocsp_unknown");
    }
    // A stale list leaves it to the responder; one that lists the card does not.
    CHECK(Desk().listing(stale).answering(OcspStatus::good).verdict() == "good");
    CHECK(Desk().listing(revoked).answering(OcspStatus::good).verdict() == "certificate.revoked");
    CHECK(Desk().by(RevocationSource::crl_and_ocsp).verdict() == "certificate.ocsp_missing");
}

TEST_CASE("an operator who demands no news still hears what is known") {
    Desk desk;
    desk.by(RevocationSource::none).trust.crls.clear();
    CHECK(desk.verdict() == "good");
    CHECK(desk.asked.empty());
    CHECK(desk.listing({.serials = {"1001"}}).verdict() == "certificate.revoked");
}

TEST_CASE("the operator's responder is asked in the place of the certificate's, and few in all") {
    Desk desk;
    desk.trust.crls.clear();
    desk.trust.ocsp_url = "http://10.0.0.9:8080/";
    CHECK(desk.by(RevocationSource::ocsp).verdict() == "certificate.ocsp_missing");
    CHECK(desk.asked == std::vector<std::string>{"http://10.0.0.9:8080/"});

    std::string many = "OCSP;URI:http://0.test/";
    for (int i = 1; i < 8; ++i) {
        many += ",OCSP;URI:http://" + std::to_string(i) + ".test/";
    }
    Desk chatty(with("authorityInfoAccess", many));
    CHECK(chatty.by(RevocationSource::ocsp).verdict() == "certificate.ocsp_missing");
    CHECK(chatty.asked.size() == responders_asked_max);
}

TEST_CASE("an answer that is none, or somebody else's, leaves the question open") {
    Desk desk;
    desk.trust.crls.clear();
    desk.by(RevocationSource::ocsp);
    const auto other = test::self_signed(test::root_plan("Another Root"));
    for (const auto& bytes : {
             Bytes{},
             Bytes(100, std::byte{0x30}),
             test::ocsp_try_later(),
             test::ocsp_response({}, desk.leaf, desk.root, other),
         }) {
        const AskResponder ask = [&](const std::string&, BytesView) {
            return std::optional(bytes);
        };
        const auto found = judge_certificate(
            desk.shown, desk.trust, ask, test::Moments(desk.clock, desk.random).now()
        );
        REQUIRE_FALSE(found.has_value());
        CHECK(found.error().reason == "certificate.ocsp_missing");
    }
}

TEST_CASE("intermediates come from the client or from the operator") {
    const auto root = test::self_signed(test::root_plan());
    const auto cards = test::issue(test::intermediate_plan(), root);
    const auto leaf = test::issue(test::person_plan(), cards);
    CertificateTrust trust;
    trust.anchors = {root.certificate()};
    trust.crls = {test::make_crl({}, root), test::make_crl({}, cards)};
    test::SettableClock clock{certificate_noon};
    test::ReplayedRandom random;
    const AskResponder nobody = [](const std::string&, BytesView) { return std::nullopt; };
    const auto good = [&](const std::vector<Bytes>& shown) {
        const auto moment = test::Moments(clock, random).now();
        return judge_certificate(shown, trust, nobody, moment).has_value();
    };
    CHECK(good({leaf.der(), cards.der()}));
    CHECK_FALSE(good({leaf.der()}));
    trust.intermediates = {cards.certificate()};
    CHECK(good({leaf.der()}));
}

}  // namespace

}  // namespace sallyport::authn
