#include "tests/support/software_key.h"

#include "base/crypto/secret.h"

namespace sallyport::test {

namespace {

constexpr std::size_t credential_id_size = 32;

Bytes fresh_id() {
    const auto random = crypto::Secret::random(credential_id_size);
    const auto bytes = random.expose();
    return {bytes.begin(), bytes.end()};
}

Bytes challenge_in(const nlohmann::json& options) {
    return from_base64url(options.at("challenge").get<std::string>()).value();
}

}  // namespace

nlohmann::json SoftwareKey::create(const nlohmann::json& options) {
    plan_.type = "webauthn.create";
    plan_.origin = origin_;
    plan_.rp_id = options.at("rp").at("id").get<std::string>();
    plan_.challenge = challenge_in(options);
    plan_.credential_id = fresh_id();
    plan_.flags |= flag_at;
    user_handle_ = options.at("user").at("id").get<std::string>();
    return {
        {"credential_id", to_base64url(plan_.credential_id)},
        {"client_data_json", to_base64url(client_data_json(plan_))},
        {"attestation_object", to_base64url(attestation_object(plan_, attest_(plan_)))},
        {"transports", "usb"},
    };
}

nlohmann::json SoftwareKey::get(const nlohmann::json& options) {
    ++plan_.sign_count;
    auto plan = plan_;
    plan.type = "webauthn.get";
    plan.flags &= static_cast<std::uint8_t>(~flag_at);
    plan.challenge = challenge_in(options);
    return {
        {"credential_id", to_base64url(plan.credential_id)},
        {"client_data_json", to_base64url(client_data_json(plan))},
        {"authenticator_data", to_base64url(authenticator_data(plan))},
        {"signature", to_base64url(plan.key.sign(signed_bytes(plan)))},
        {"user_handle", user_handle_},
    };
}

}  // namespace sallyport::test
