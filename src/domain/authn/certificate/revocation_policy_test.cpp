#include "domain/authn/certificate/revocation_policy.h"

#include "tests/support/certificates.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

namespace sallyport::authn {

namespace {

using crypto::OcspStatus;
using test::certificate_noon;

// A card under an intermediate under a root. Lists and answers as a test has them.
struct Evidence {
    test::Issued root = test::self_signed(test::root_plan());
    test::Issued intermediate = test::issue(test::intermediate_plan(), root);
    test::Issued leaf = test::issue(test::person_plan(), intermediate);
    std::vector<crypto::Crl> crls;
    std::vector<crypto::OcspAnswer> answers;

    Evidence& list_of_leaf(test::CrlPlan plan = {}) {
        crls.push_back(test::make_crl(plan, intermediate));
        return *this;
    }

    Evidence& list_of_intermediate(test::CrlPlan plan = {}) {
        crls.push_back(test::make_crl(plan, root));
        return *this;
    }

    Evidence& answer_on_leaf(OcspStatus status = OcspStatus::good) {
        return answer(leaf, intermediate, status);
    }

    Evidence& answer_on_intermediate(OcspStatus status = OcspStatus::good) {
        return answer(intermediate, root, status);
    }

    [[nodiscard]] static crypto::OcspAnswer answer_by(
        const test::OcspPlan& plan, const test::Issued& subject, const test::Issued& issuer
    ) {
        return crypto::verify_ocsp_response(
                   test::ocsp_response(plan, subject, issuer, issuer),
                   subject.certificate(),
                   issuer.certificate(),
                   {},
                   certificate_noon,
                   {.nonce = crypto::OcspNonce::may_be_absent}
        )
            .value();
    }

    [[nodiscard]] crypto::VerifiedChain chain() const {
        return crypto::verify_certificate_chain(
                   leaf.certificate(),
                   std::vector{intermediate.certificate()},
                   std::vector{root.certificate()},
                   crls,
                   certificate_noon,
                   {.crls = crypto::CrlDemand::none}
        )
            .value();
    }

    [[nodiscard]] std::string refusal(const RevocationPolicy& policy, Time now = certificate_noon)
        const {
        const auto accepted = accept_certificate(chain(), answers, policy, now);
        return accepted ? "" : std::string(accepted.error().reason);
    }

private:
    Evidence& answer(const test::Issued& subject, const test::Issued& issuer, OcspStatus status) {
        answers.push_back(answer_by({.status = status}, subject, issuer));
        return *this;
    }
};

constexpr RevocationPolicy by_crl{.source = RevocationSource::crl};
constexpr RevocationPolicy by_ocsp{.source = RevocationSource::ocsp};
constexpr RevocationPolicy by_either{.source = RevocationSource::crl_or_ocsp};
constexpr RevocationPolicy by_both{.source = RevocationSource::crl_and_ocsp};

constexpr RevocationPolicy of_leaf(RevocationSource source) {
    return {.source = source, .scope = RevocationScope::leaf};
}

TEST_CASE("S1-22 (part): no answer is a no, whatever the policy") {
    CHECK(Evidence().refusal(by_crl) == "certificate.crl_missing");
    CHECK(Evidence().refusal(by_ocsp) == "certificate.ocsp_missing");
    CHECK(Evidence().refusal(by_either) == "certificate.revocation_unknown");
    CHECK(Evidence().refusal(by_both) == "certificate.crl_missing");
    CHECK(Evidence().refusal({}) == "certificate.revocation_unknown");
    for (const auto source : {
             RevocationSource::crl,
             RevocationSource::ocsp,
             RevocationSource::crl_or_ocsp,
             RevocationSource::crl_and_ocsp,
         }) {
        CHECK_FALSE(Evidence().refusal(of_leaf(source)).empty());
    }
}

TEST_CASE("S1-22 (part): what the policy demands is enough, and for each certificate of the path") {
    const auto lists = [] { return Evidence().list_of_leaf().list_of_intermediate(); };
    const auto answers = [] { return Evidence().answer_on_leaf().answer_on_intermediate(); };
    CHECK(lists().refusal(by_crl).empty());
    CHECK(lists().refusal(by_either).empty());
    CHECK(lists().refusal(by_ocsp) == "certificate.ocsp_missing");
    CHECK(lists().refusal(by_both) == "certificate.ocsp_missing");
    CHECK(answers().refusal(by_ocsp).empty());
    CHECK(answers().refusal(by_either).empty());
    CHECK(answers().refusal(by_crl) == "certificate.crl_missing");
    CHECK(answers().refusal(by_both) == "certificate.crl_missing");
    CHECK(lists().answer_on_leaf().answer_on_intermediate().refusal(by_both).empty());

    // As hospitals have it: OCSP for cards, a list for intermediates.
    CHECK(Evidence().answer_on_leaf().list_of_intermediate().refusal(by_either).empty());
    CHECK(Evidence().answer_on_leaf().refusal(by_either) == "certificate.revocation_unknown");
    CHECK(Evidence().answer_on_leaf().refusal(by_ocsp) == "certificate.ocsp_missing");
    CHECK(Evidence().answer_on_leaf().refusal(of_leaf(RevocationSource::ocsp)).empty());
    CHECK(Evidence().list_of_leaf().refusal(of_leaf(RevocationSource::crl)).empty());
    CHECK(
        Evidence().answer_on_intermediate().refusal(of_leaf(RevocationSource::ocsp)) ==
        "certificate.ocsp_missing"
    );
}

TEST_CASE("S1-22 (part): a bad answer is believed, whatever else was asked") {
    for (const auto& policy : {by_crl, by_ocsp, by_either, by_both}) {
        CHECK(
            Evidence()
                .list_of_leaf()
                .list_of_intermediate()
                .answer_on_leaf(OcspStatus::revoked)
                .answer_on_intermediate()
                .refusal(policy) == "certificate.revoked"
        );
        CHECK(
            Evidence()
                .list_of_leaf()
                .list_of_intermediate()
                .answer_on_leaf(OcspStatus::unknown)
                .answer_on_intermediate()
                .refusal(policy) == "certificate.ocsp_unknown"
        );
    }
    CHECK(
        Evidence()
            .answer_on_leaf()
            .answer_on_intermediate(OcspStatus::revoked)
            .refusal(of_leaf(RevocationSource::ocsp)) == "certificate.revoked"
    );
    // Two answers, of which one is bad.
    CHECK(
        Evidence()
            .answer_on_leaf()
            .answer_on_leaf(OcspStatus::revoked)
            .refusal(of_leaf(RevocationSource::ocsp)) == "certificate.revoked"
    );
}

TEST_CASE("S1-22 (part): a stale list or an unusable one is no answer, and says which it is") {
    const test::CrlPlan stale{.next_update = certificate_noon - std::chrono::seconds(1)};
    CHECK(
        Evidence().list_of_leaf(stale).list_of_intermediate().refusal(by_crl) ==
        "certificate.crl_stale"
    );
    CHECK(
        Evidence().list_of_leaf(stale).list_of_intermediate().refusal(by_either) ==
        "certificate.revocation_unknown"
    );
    CHECK(Evidence()
              .list_of_leaf(stale)
              .list_of_intermediate()
              .answer_on_leaf()
              .refusal(by_either)
              .empty());
    const test::CrlPlan unusable{.extensions = {{"1.2.3.4", "critical,DER:0500"}}};
    CHECK(
        Evidence().list_of_leaf(unusable).refusal(of_leaf(RevocationSource::crl)) ==
        "certificate.crl_unusable"
    );
}

TEST_CASE("S1-22 (part): an answer counts for the certificate that it is about") {
    Evidence asked;
    Evidence other;
    other.answer_on_leaf();
    asked.answers = other.answers;
    CHECK(asked.refusal(of_leaf(RevocationSource::ocsp)) == "certificate.ocsp_missing");

    // Signed by a namesake of the issuer, and verified against the namesake.
    const auto namesake = test::issue(test::intermediate_plan(), asked.root);
    asked.answers = {Evidence::answer_by({}, asked.leaf, namesake)};
    CHECK(asked.refusal(of_leaf(RevocationSource::ocsp)) == "certificate.ocsp_missing");
}

TEST_CASE("an answer that is no longer usable, and a verification of long ago, are none") {
    // Answers are usable until five minutes after noon and an hour: too late for the verification.
    auto evidence = Evidence();
    evidence.answer_on_leaf();
    const auto policy = of_leaf(RevocationSource::ocsp);
    CHECK(evidence.refusal(policy, certificate_noon + std::chrono::minutes(5)).empty());
    CHECK(
        evidence.refusal(policy, certificate_noon + std::chrono::minutes(6)) ==
        "certificate.verification_old"
    );
    CHECK(
        evidence.refusal(policy, certificate_noon - std::chrono::seconds(1)) ==
        "certificate.verification_old"
    );

    Evidence late;
    const test::OcspPlan ending{
        .this_update = certificate_noon - std::chrono::hours(1),
        .next_update = certificate_noon - std::chrono::minutes(2),
    };
    late.answers.push_back(late.answer_by(ending, late.leaf, late.intermediate));
    CHECK(late.refusal(policy, certificate_noon + std::chrono::minutes(2)).empty());
    CHECK(
        late.refusal(policy, certificate_noon + std::chrono::minutes(3)) ==
        "certificate.ocsp_missing"
    );
}

TEST_CASE("responders are asked about what the lists leave open") {
    using Indices = std::vector<std::size_t>;
    const auto neither = Evidence().chain();
    CHECK(certificates_to_ask_about(neither, by_either) == Indices{0, 1});
    CHECK(certificates_to_ask_about(neither, by_crl).empty());
    CHECK(certificates_to_ask_about(neither, of_leaf(RevocationSource::ocsp)) == Indices{0});
    const auto listed = Evidence().list_of_intermediate().chain();
    CHECK(certificates_to_ask_about(listed, by_either) == Indices{0});
    CHECK(certificates_to_ask_about(listed, by_both) == Indices{0, 1});
    CHECK(certificates_to_ask_about(listed, by_ocsp) == Indices{0, 1});
}

}  // namespace

}  // namespace sallyport::authn
