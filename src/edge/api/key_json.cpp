#include "edge/api/key_json.h"

#include "base/core/bytes.h"
#include "domain/authn/webauthn/registration.h"

#include <nlohmann/json.hpp>

#include <chrono>

namespace sallyport::api {

namespace {

// A list's length would tell how long somebody's key ids are: it is filled up to whole steps.
constexpr std::size_t padding_step = 4096;

std::int64_t timeout_ms() {
    return std::chrono::milliseconds(authn::challenge_life).count();
}

nlohmann::json descriptors_json(const std::vector<authn::CredentialDescriptor>& credentials) {
    auto json = nlohmann::json::array();
    for (const auto& each : credentials) {
        nlohmann::json one{{"type", "public-key"}, {"id", to_base64url(each.id)}};
        if (!each.transports.empty()) one["transports"] = each.transports;
        json.push_back(std::move(one));
    }
    return json;
}

std::string_view to_text(UserVerification wanted) {
    switch (wanted) {
        case UserVerification::discouraged:
            return "discouraged";
        case UserVerification::preferred:
            return "preferred";
        case UserVerification::required:
            return "required";
    }
    return "required";
}

Result<Bytes> bytes_in(const Input& input, std::string_view name) {
    SP_TRY(const auto text, input.required(name));
    auto bytes = from_base64url(text);
    if (!bytes) return refuse(Refusal::invalid, "input.malformed", std::string(name));
    return bytes;
}

}  // namespace

nlohmann::json key_request_json(
    const authn::RelyingParty& relying_party,
    const Bytes& challenge,
    const std::vector<authn::CredentialDescriptor>& credentials,
    UserVerification user_verification
) {
    nlohmann::json json{
        {"rpId", relying_party.id},
        {"challenge", to_base64url(challenge)},
        {"allowCredentials", descriptors_json(credentials)},
        {"userVerification", to_text(user_verification)},
        {"timeout", timeout_ms()},
    };
    const auto size = json.dump().size();
    json["padding"] = std::string(padding_step - size % padding_step, '.');
    return json;
}

nlohmann::json key_creation_json(
    const authn::RelyingParty& relying_party,
    const std::string& name,
    const authn::KeyCreation& creation
) {
    auto algorithms = nlohmann::json::array();
    for (const auto algorithm : authn::webauthn::offered_algorithms) {
        algorithms.push_back({{"type", "public-key"}, {"alg", static_cast<std::int64_t>(algorithm)}}
        );
    }
    const bool always = creation.rules.user_verification == policy::KeyUserVerification::always;
    const auto verification = always ? UserVerification::required : UserVerification::preferred;
    return {
        {"rp", {{"id", relying_party.id}, {"name", name}}},
        {"user",
         {{"id", to_base64url(creation.user_handle)},
          {"name", creation.login_name},
          {"displayName", creation.display_name}}},
        {"challenge", to_base64url(creation.challenge)},
        {"pubKeyCredParams", algorithms},
        {"excludeCredentials", descriptors_json(creation.exclude)},
        {"authenticatorSelection",
         {{"residentKey", "preferred"}, {"userVerification", to_text(verification)}}},
        {"attestation", creation.rules.attested ? "direct" : "none"},
        {"timeout", timeout_ms()},
    };
}

Result<authn::KeyAnswer> key_answer_in(const Input& input) {
    authn::KeyAnswer answer;
    SP_TRY(answer.credential_id, bytes_in(input, "credential_id"));
    SP_TRY(answer.client_data_json, bytes_in(input, "client_data_json"));
    SP_TRY(answer.authenticator_data, bytes_in(input, "authenticator_data"));
    SP_TRY(answer.signature, bytes_in(input, "signature"));
    if (!input.text("user_handle").empty()) {
        SP_TRY(answer.user_handle, bytes_in(input, "user_handle"));
    }
    return answer;
}

Result<authn::NewKey> new_key_in(const Input& input) {
    authn::NewKey key;
    SP_TRY(key.credential_id, bytes_in(input, "credential_id"));
    SP_TRY(key.client_data_json, bytes_in(input, "client_data_json"));
    SP_TRY(key.attestation_object, bytes_in(input, "attestation_object"));
    key.transports = input.text("transports");
    return key;
}

}  // namespace sallyport::api
