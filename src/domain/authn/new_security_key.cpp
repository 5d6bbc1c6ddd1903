#include "domain/authn/new_security_key.h"

#include "domain/authn/webauthn/client_data.h"
#include "domain/authn/webauthn_challenge.h"

#include <algorithm>
#include <string_view>

namespace sallyport::authn {

namespace {

bool are_transports(std::string_view text) {
    return text.size() <= transports_max && std::ranges::all_of(text, [](char c) {
               return (c >= 'a' && c <= 'z') || c == '-' || c == ',';
           });
}

Refusal not_accepted(const Refusal& why) {
    return {Refusal::invalid, "security_key.not_accepted", std::string(why.reason)};
}

}  // namespace

Result<webauthn::Registration> accept_new_key(
    store::Tx& tx, const Moment& moment, const Context& context, BytesView holder, const NewKey& key
) {
    if (!are_transports(key.transports)) {
        return refuse(Refusal::invalid, "security_key.transports_malformed");
    }
    const auto client_data = webauthn::parse_client_data(key.client_data_json);
    if (!client_data) return std::unexpected(not_accepted(client_data.error()));
    const auto challenge = from_base64url(client_data->challenge);
    const auto spent = spend_challenge(
        tx,
        context.keys,
        moment,
        ChallengePurpose::registration,
        holder,
        challenge ? BytesView(*challenge) : BytesView()
    );
    if (!spent) {
        return refuse(Refusal::invalid, "security_key.too_late", std::string(spent.error().reason));
    }
    const webauthn::Expectation expected{
        .rp_id = context.relying_party.id,
        .origins = context.relying_party.origins,
        .challenge = *challenge,
        .user_verification = false,  // asked for when it signs in alone
    };
    const webauthn::RegistrationResponse response{
        .credential_id = key.credential_id,
        .client_data_json = key.client_data_json,
        .attestation_object = key.attestation_object,
    };
    auto registered = webauthn::verify_registration(response, expected);
    if (!registered) return std::unexpected(not_accepted(registered.error()));
    if (is_registered(tx, registered->credential_id)) {
        return refuse(Refusal::conflict, "security_key.registered");
    }
    return registered;
}

}  // namespace sallyport::authn
