#pragma once
// For tests: a registration with a given statement, and what the verifier says about it.

#include "tests/support/attestation_authority.h"
#include "tests/support/webauthn_ceremony.h"

#include "domain/authn/webauthn/registration.h"

#include <string>
#include <vector>

namespace sallyport::authn::webauthn {

// The registration of `plan` with `statement`, whatever algorithm its key has.
[[nodiscard]] inline Result<Registration> attested(
    const test::CeremonyPlan& plan, const test::Statement& statement
) {
    const Expectation expected{
        .rp_id = "sallyport.example.org",
        .origins = {"https://sallyport.example.org"},
        .challenge = plan.challenge,
    };
    const auto client_data = test::client_data_json(plan);
    const auto object = test::attestation_object(plan, statement);
    return verify_registration(
        {.credential_id = plan.credential_id,
         .client_data_json = client_data,
         .attestation_object = object},
        expected,
        {crypto::CoseAlgorithm::es256, crypto::CoseAlgorithm::rs256, crypto::CoseAlgorithm::eddsa}
    );
}

// "accepted", or what is wrong with the statement, or another refusal's reason.
[[nodiscard]] inline std::string verdict(
    const test::CeremonyPlan& plan, const test::Statement& statement
) {
    const auto result = attested(plan, statement);
    if (result) return "accepted";
    const auto& refusal = result.error();
    return refusal.reason == "webauthn.attestation" ? refusal.detail : std::string(refusal.reason);
}

[[nodiscard]] inline Bytes algorithm_number(crypto::CoseAlgorithm algorithm) {
    return test::cbor::integer(static_cast<std::int64_t>(algorithm));
}

[[nodiscard]] inline Bytes x5c(const std::vector<Bytes>& certificates) {
    std::vector<Bytes> encoded;
    encoded.reserve(certificates.size());
    for (const auto& der : certificates) {
        encoded.push_back(test::cbor::bytes(der));
    }
    return test::cbor::array(encoded);
}

}  // namespace sallyport::authn::webauthn
