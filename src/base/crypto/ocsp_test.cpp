#include "base/crypto/ocsp.h"

#include "tests/support/certificates.h"

#include "base/crypto/crypto.h"

#include <doctest/doctest.h>

#include <functional>
#include <string>

namespace sallyport::crypto {

namespace {

using test::certificate_noon;
using test::Issued;
using test::OcspPlan;

const Bytes nonce(ocsp_nonce_size, std::byte{7});

// A card, its issuer, and what the issuer's responder answers; a test changes one thing.
struct Asked {
    Issued issuer = test::self_signed(test::root_plan());
    Issued subject = test::issue(test::person_plan(), issuer);
    OcspPlan plan{.nonce = nonce};

    [[nodiscard]] Result<OcspAnswer> answer_of(
        const Issued& signer, const OcspRules& rules = {}, Time now = certificate_noon
    ) const {
        return verify_ocsp_response(
            test::ocsp_response(plan, subject, issuer, signer),
            subject.certificate(),
            issuer.certificate(),
            nonce,
            now,
            rules
        );
    }

    [[nodiscard]] std::string refusal_of(
        const Issued& signer, const OcspRules& rules = {}, Time now = certificate_noon
    ) const {
        const auto answer = answer_of(signer, rules, now);
        return answer ? "" : std::string(answer.error().reason);
    }

    // Signed by the issuer itself.
    [[nodiscard]] std::string refusal(const OcspRules& rules = {}, Time now = certificate_noon)
        const {
        return refusal_of(issuer, rules, now);
    }
};

std::string after(const std::function<void(OcspPlan&)>& change, const OcspRules& rules = {}) {
    Asked asked;
    change(asked.plan);
    return asked.refusal(rules);
}

TEST_CASE("S1-22 (part): the issuer's answer is believed, good, revoked and unknown") {
    for (const auto status : {OcspStatus::good, OcspStatus::revoked, OcspStatus::unknown}) {
        Asked asked;
        asked.plan.status = status;
        const auto answer = asked.answer_of(asked.issuer);
        REQUIRE(answer.has_value());
        CHECK(answer->status() == status);
        CHECK(answer->certificate_fingerprint() == asked.subject.certificate()->fingerprint);
        CHECK(answer->issuer_fingerprint() == asked.issuer.certificate()->fingerprint);
        CHECK(answer->this_update() == asked.plan.this_update);
        CHECK(answer->usable_until() == *asked.plan.next_update + std::chrono::minutes(5));
    }
}

TEST_CASE("S1-22 (part): a responder that the issuer made one is believed, and no other") {
    const Asked asked;
    const auto responder = [&](const std::function<void(test::CertificatePlan&)>& change) {
        auto plan = test::responder_plan();
        change(plan);
        return asked.refusal_of(test::issue(plan, asked.issuer));
    };
    constexpr auto wrong = "ocsp.wrong_responder";
    CHECK(responder([](auto&) {}).empty());
    CHECK(responder([](auto& plan) {
              plan.extensions["extendedKeyUsage"] = "clientAuth";
          }) == wrong);
    CHECK(responder([](auto& plan) { plan.extensions.erase("extendedKeyUsage"); }) == wrong);
    CHECK(responder([](auto& plan) {
              plan.extensions["extendedKeyUsage"] = "anyExtendedKeyUsage";
          }) == wrong);
    CHECK(responder([](auto& plan) { plan.extensions["keyUsage"] = "keyEncipherment"; }) == wrong);
    CHECK(responder([](auto& plan) { plan.extensions.erase("noCheck"); }) == wrong);
    CHECK(responder([](auto& plan) {
              plan.until = certificate_noon - std::chrono::days(1);
          }) == wrong);
    CHECK(responder([](auto& plan) { plan.digest = "SHA1"; }) == wrong);
    CHECK(responder([](auto& plan) { plan.key = "RSA-1024"; }) == wrong);

    // A sibling of the issuer's, or its superior, has no say.
    const auto other = test::self_signed(test::root_plan("Other Root"));
    CHECK(asked.refusal_of(test::issue(test::responder_plan(), other)) == wrong);
    CHECK(asked.refusal_of(other) == wrong);
    // A responder of an intermediate that the issuer made: not by the issuer itself.
    const auto intermediate = test::issue(test::intermediate_plan(), asked.issuer);
    CHECK(asked.refusal_of(test::issue(test::responder_plan(), intermediate)) == wrong);
}

TEST_CASE("S1-22 (part): an answer under a wrong or weak signature is refused") {
    Asked asked;
    auto other = test::self_signed(test::root_plan());
    CHECK(asked.refusal_of(other) == "ocsp.wrong_signature");  // same name, another key
    CHECK(after([](OcspPlan& plan) { plan.digest = "SHA1"; }) == "ocsp.weak_signature");

    asked.plan.certificate_embedded = false;  // so that the signature's bytes are the last
    auto bytes = test::ocsp_response(asked.plan, asked.subject, asked.issuer, asked.issuer);
    bytes.back() ^= std::byte{1};
    const auto changed = verify_ocsp_response(
        bytes, asked.subject.certificate(), asked.issuer.certificate(), nonce, certificate_noon
    );
    REQUIRE_FALSE(changed.has_value());
    CHECK(changed.error().reason == "ocsp.wrong_signature");
}

TEST_CASE("a responder may name itself by its key, and leave out the issuer's certificate") {
    CHECK(after([](OcspPlan& plan) { plan.responder_by_key = true; }).empty());
    CHECK(after([](OcspPlan& plan) { plan.certificate_embedded = false; }).empty());
    Asked asked;
    asked.plan.certificate_embedded = false;
    const auto responder = test::issue(test::responder_plan(), asked.issuer);
    CHECK(asked.refusal_of(responder) == "ocsp.wrong_responder");
}

TEST_CASE("S1-22 (part): an answer about another certificate, or two about one, is refused") {
    const Asked asked;
    auto other = test::person_plan();
    other.serial = "1002";
    const auto response = test::ocsp_response(
        asked.plan, test::issue(other, asked.issuer), asked.issuer, asked.issuer
    );
    const auto answer = verify_ocsp_response(
        response, asked.subject.certificate(), asked.issuer.certificate(), nonce, certificate_noon
    );
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().reason == "ocsp.wrong_certificate");
    CHECK(after([](OcspPlan& plan) { plan.answers = 2; }) == "ocsp.wrong_certificate");
}

TEST_CASE("S1-22 (part): an answer to another question is refused") {
    const OcspRules lax{.nonce = OcspNonce::may_be_absent};
    const auto absent = [](OcspPlan& plan) { plan.nonce = {}; };
    const auto other = [](OcspPlan& plan) { plan.nonce = Bytes(ocsp_nonce_size, std::byte{8}); };
    const auto shorter = [](OcspPlan& plan) { plan.nonce->pop_back(); };
    CHECK(after(absent) == "ocsp.nonce_missing");
    CHECK(after(absent, lax).empty());
    CHECK(after(other) == "ocsp.wrong_nonce");
    CHECK(after(other, lax) == "ocsp.wrong_nonce");
    CHECK(after(shorter) == "ocsp.wrong_nonce");
}

TEST_CASE("S1-22 (part): an answer counts from thisUpdate to nextUpdate, give or take five minutes"
) {
    const Asked asked;
    const auto from = asked.plan.this_update - std::chrono::minutes(5);
    const auto until = *asked.plan.next_update + std::chrono::minutes(5);
    constexpr std::chrono::microseconds moment(1);
    CHECK(asked.refusal({}, from - moment) == "ocsp.not_yet_valid");
    CHECK(asked.refusal({}, from).empty());
    CHECK(asked.refusal({}, until - moment).empty());
    CHECK(asked.refusal({}, until) == "ocsp.stale");

    // Without nextUpdate it is of this moment, or nothing.
    Asked undated;
    undated.plan.next_update = {};
    CHECK(undated.refusal({}, undated.plan.this_update + std::chrono::minutes(10) - moment).empty()
    );
    CHECK(undated.refusal({}, undated.plan.this_update + std::chrono::minutes(10)) == "ocsp.stale");
}

TEST_CASE("what is no successful answer in DER is refused") {
    const Asked asked;
    const auto refusal = [&](BytesView response) {
        const auto answer = verify_ocsp_response(
            response,
            asked.subject.certificate(),
            asked.issuer.certificate(),
            nonce,
            certificate_noon
        );
        return answer ? "" : std::string(answer.error().reason);
    };
    auto good = test::ocsp_response(asked.plan, asked.subject, asked.issuer, asked.issuer);
    CHECK(refusal(good).empty());
    CHECK(refusal(test::ocsp_try_later()) == "ocsp.not_successful");
    CHECK(refusal({}) == "ocsp.malformed");
    CHECK(refusal(BytesView(good).first(good.size() - 1)) == "ocsp.malformed");
    good.push_back(std::byte{0});
    CHECK(refusal(good) == "ocsp.malformed");
    CHECK(refusal(Bytes(ocsp_response_size_max + 1)) == "ocsp.too_large");
}

TEST_CASE("each request has a nonce of its own") {
    const Asked asked;
    SystemRandom random;
    const auto subject = asked.subject.certificate();
    const auto issuer = asked.issuer.certificate();
    const auto first = make_ocsp_request(subject, issuer, random);
    const auto second = make_ocsp_request(subject, issuer, random);
    CHECK(first.nonce.size() == ocsp_nonce_size);
    CHECK(first.nonce != second.nonce);
    // The nonce is in the request, and so is the serial number.
    CHECK(to_hex(first.der).find(to_hex(first.nonce)) != std::string::npos);
    CHECK(to_hex(first.der).find("1001") != std::string::npos);
}

}  // namespace

}  // namespace sallyport::crypto
