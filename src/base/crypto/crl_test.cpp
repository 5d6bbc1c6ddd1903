#include "base/crypto/crl.h"

#include "tests/support/certificates.h"

#include <doctest/doctest.h>

#include <string>

namespace sallyport::crypto {

namespace {

using test::certificate_noon;
using test::CrlPlan;

std::string refusal(const CrlPlan& plan) {
    const auto crl = Crl::from_der(test::crl_der(plan, test::self_signed(test::root_plan())));
    return crl ? "" : std::string(crl.error().reason);
}

TEST_CASE("S1-22 (part): a list says whose it is, from when to when, and how many it names") {
    const auto issuer = test::self_signed(test::root_plan());
    const auto der = test::crl_der({.serials = {"1001", "1002"}}, issuer);
    const auto crl = Crl::from_der(der);
    REQUIRE(crl.has_value());
    CHECK((*crl)->issuer == issuer.certificate()->subject);
    CHECK((*crl)->this_update == certificate_noon - std::chrono::hours(1));
    CHECK((*crl)->next_update == certificate_noon + std::chrono::hours(23));
    REQUIRE((*crl)->number.has_value());
    CHECK(to_hex(*(*crl)->number) == "01");
    CHECK((*crl)->entries == 2);
    const auto pem = "-----BEGIN X509 CRL-----\n" + to_base64(der) + "\n-----END X509 CRL-----\n";
    CHECK(Crl::from_pem(pem).has_value());
}

TEST_CASE(
    "S1-22 (part): a list that would be good for ever, a delta and an indirect one are refused"
) {
    CHECK(refusal({}).empty());
    CHECK(refusal({.next_update = std::nullopt}) == "crl.malformed");
    CHECK(refusal({.next_update = certificate_noon - std::chrono::hours(2)}) == "crl.malformed");
    CHECK(refusal({.extensions = {{"deltaCRL", "critical,DER:020101"}}}) == "crl.delta");
    const char* const indirect = "critical,DER:30038401FF";
    CHECK(refusal({.extensions = {{"issuingDistributionPoint", indirect}}}) == "crl.indirect");
    CHECK(refusal({.extensions = {{"crlNumber", "DER:0500"}}}) == "crl.malformed");
}

TEST_CASE("what is not one list in DER is malformed") {
    auto der = test::crl_der({}, test::self_signed(test::root_plan()));
    der.push_back(std::byte{0});
    CHECK(Crl::from_der(der).error().reason == "crl.malformed");
    CHECK(Crl::from_der(BytesView(der).first(40)).error().reason == "crl.malformed");
    CHECK(Crl::from_der({}).error().reason == "crl.malformed");
    CHECK(Crl::from_der(Bytes(crl_size_max + 1)).error().reason == "crl.too_large");
}

TEST_CASE("S1-22 (part): a fetched list is its issuer's, current, and strongly signed") {
    const auto issuer = test::self_signed(test::root_plan());
    const auto answer = [&](const CrlPlan& plan, const test::Issued& of, Time now) {
        const auto verified = verify_crl(test::make_crl(plan, issuer), of.certificate(), now);
        return verified ? "" : std::string(verified.error().reason);
    };
    const CrlPlan plan;
    CHECK(answer(plan, issuer, certificate_noon).empty());
    CHECK(answer(plan, issuer, plan.this_update).empty());
    CHECK(
        answer(plan, issuer, plan.this_update - std::chrono::microseconds(1)) == "crl.not_yet_valid"
    );
    CHECK(answer(plan, issuer, *plan.next_update - std::chrono::microseconds(1)).empty());
    CHECK(answer(plan, issuer, *plan.next_update) == "crl.stale");
    CHECK(answer({.digest = "SHA1"}, issuer, certificate_noon) == "crl.weak_signature");
    // Another key of the same name; another name.
    const auto namesake = test::self_signed(test::root_plan());
    CHECK(answer(plan, namesake, certificate_noon) == "crl.wrong_signature");
    const auto other = test::self_signed(test::root_plan("Other Root"));
    CHECK(answer(plan, other, certificate_noon) == "crl.wrong_issuer");
}

TEST_CASE("who may not sign lists has signed none") {
    auto plan = test::root_plan();
    plan.extensions["keyUsage"] = "critical,keyCertSign";
    const auto issuer = test::self_signed(plan);
    const auto verified =
        verify_crl(test::make_crl({}, issuer), issuer.certificate(), certificate_noon);
    REQUIRE_FALSE(verified.has_value());
    CHECK(verified.error().reason == "crl.wrong_issuer");
}

}  // namespace

}  // namespace sallyport::crypto
