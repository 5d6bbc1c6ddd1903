#include "domain/authn/security_key.h"

#include "domain/authn/authenticator_store.h"
#include "domain/authn/security_key_store.h"
#include "domain/authn/webauthn/client_data.h"

namespace sallyport::authn {

audit::Factor factor_of(const AcceptedKey& key) {
    constexpr int hardware_bound = 3;
    constexpr int multi_factor = 2;
    return {
        .amr = std::string(key.amr()) + (key.user_verified ? "+uv" : ""),
        .aal = key.user_verified && key.device_bound ? hardware_bound : multi_factor,
        .authenticator_id = key.id.text(),
        .phishing_resistant = true,
        .age = Duration(0),
    };
}

Result<AcceptedKey> accept_security_key(
    store::Tx& tx,
    const Moment& moment,
    const Context& context,
    const KeyQuestion& question,
    const KeyAnswer& answer
) {
    SP_TRY(const auto client_data, webauthn::parse_client_data(answer.client_data_json));
    const auto challenge = from_base64url(client_data.challenge);
    if (!challenge) return refuse(Refusal::unauthenticated, "webauthn.challenge");
    SP_CHECK(
        spend_challenge(tx, context.keys, moment, question.purpose, question.holder, *challenge)
    );

    auto key = find_security_key(tx, answer.credential_id, moment.now);
    if (!key || (question.account && key->account != *question.account)) {
        return refuse(Refusal::unauthenticated, "security_key.unknown");
    }
    key->credential.found_by_user_handle = !question.account;
    const webauthn::Expectation expected{
        .rp_id = context.relying_party.id,
        .origins = context.relying_party.origins,
        .challenge = *challenge,
        .user_verification = question.user_verification,
    };
    const webauthn::AssertionResponse response{
        .credential_id = answer.credential_id,
        .client_data_json = answer.client_data_json,
        .authenticator_data = answer.authenticator_data,
        .signature = answer.signature,
        .user_handle = answer.user_handle,
    };
    SP_TRY(const auto assertion, webauthn::verify_assertion(response, expected, key->credential));
    note_assertion(tx, key->authenticator, assertion);
    note_used(tx, key->authenticator, moment.now);
    return AcceptedKey{
        .id = key->authenticator,
        .account = key->account,
        .user_verified = assertion.user_verified,
        .device_bound = !key->credential.backup_eligible,
    };
}

}  // namespace sallyport::authn
