#include "domain/authn/new_security_key.h"

#include "domain/audit/log.h"
#include "domain/authn/authenticator_metadata_store.h"
#include "domain/authn/webauthn/authenticator_policy.h"
#include "domain/authn/webauthn/client_data.h"
#include "domain/authn/webauthn_challenge.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace sallyport::authn {

namespace {

bool are_transports(std::string_view text) {
    return text.size() <= transports_max && std::ranges::all_of(text, [](char c) {
               return (c >= 'a' && c <= 'z') || c == '-' || c == ',';
           });
}

Refusal not_accepted(const Refusal& why) {
    if (why.reason == "webauthn.user_verified") {
        return {Refusal::invalid, "security_key.holder_unchecked", {}};
    }
    return {Refusal::invalid, "security_key.not_accepted", std::string(why.reason)};
}

// What the person is told.
Refusal not_allowed(const Refusal& why, const webauthn::Aaguid& model) {
    if (why.reason == "webauthn.policy.device_bound") {
        return {Refusal::invalid, "security_key.can_be_copied", {}};
    }
    // Zeros: what a browser gives that was told not to say the model.
    if (why.reason == "webauthn.policy.model" && model != webauthn::Aaguid{}) {
        return {Refusal::invalid, "security_key.model_not_allowed", webauthn::to_text(model)};
    }
    if (why.reason == "webauthn.policy.compromised") {
        return {Refusal::invalid, "security_key.model_compromised", webauthn::to_text(model)};
    }
    return {Refusal::invalid, "security_key.not_attested", std::string(why.reason)};
}

webauthn::AuthenticatorPolicy policy_of(const KeyDemand& demand) {
    webauthn::AuthenticatorPolicy policy{
        .device_bound = demand.strength == policy::Strength::device_bound,
        .attestation = demand.rules.attested,
    };
    for (const auto& text : demand.rules.models) {
        // A policy in force names none that can't be read.
        policy.models.insert(webauthn::parse_aaguid(text).value());
    }
    return policy;
}

void write_refused(
    store::Tx& tx,
    const Moment& moment,
    const audit::Actor& actor,
    const Refusal& why,
    const webauthn::Registration& registered
) {
    const auto& account = actor.who.account;
    auto event = audit::event_by(
        actor, "cred.binding_refused", "bind", account ? "account:" + account->text() : "bootstrap"
    );
    event.outcome = audit::Outcome::refused;
    event.reason = why.reason;
    event.fields = {
        {.name = "model", .value = webauthn::to_text(registered.aaguid)},
        {.name = "attestation", .value = std::string(webauthn::to_text(registered.attestation.type))
        },
    };
    audit::append(tx, moment, event);
}

// The new key against what is demanded, and whether its model is more than a claim.
Result<void> hold_against(
    store::Tx& tx,
    const Moment& moment,
    const Context& context,
    const KeyDemand& demand,
    const audit::Actor& actor,
    webauthn::Registration& registered
) {
    const auto metadata = metadata_of(tx, registered.aaguid);
    const webauthn::AttestationTrust trust{
        .roots = context.attestation_roots, .metadata = metadata
    };
    const auto allowed =
        webauthn::check_authenticator_policy(registered, policy_of(demand), trust, moment.now);
    if (!allowed) {
        auto why = not_allowed(allowed.error(), registered.aaguid);
        write_refused(tx, moment, actor, why, registered);
        return std::unexpected(std::move(why));
    }
    registered.model_attested = webauthn::is_model_attested(registered, trust, moment.now);
    return {};
}

}  // namespace

KeyDemand key_demand(const policy::Policy& policy, std::string_view role) {
    const auto* const known = policy.role(role);
    if (known == nullptr) return {};
    return {.strength = known->strength, .rules = known->keys};
}

Result<webauthn::Registration> accept_new_key(
    store::Tx& tx,
    const Moment& moment,
    const Context& context,
    const KeyDemand& demand,
    BytesView holder,
    const NewKey& key,
    const audit::Actor& actor
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
        // Elsewhere it is asked for when the key signs in alone.
        .user_verification = demand.rules.user_verification == policy::KeyUserVerification::always,
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
    SP_CHECK(hold_against(tx, moment, context, demand, actor, *registered));
    return registered;
}

}  // namespace sallyport::authn
