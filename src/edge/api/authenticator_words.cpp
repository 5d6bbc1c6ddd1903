#include "edge/api/authenticator_words.h"

#include <nlohmann/json.hpp>

#include <optional>

namespace sallyport::api {

namespace {

nlohmann::json time_or_null(const std::optional<Time>& time) {
    return time ? nlohmann::json(to_text(*time)) : nlohmann::json(nullptr);
}

}  // namespace

nlohmann::json to_json(const authn::Authenticator& authenticator) {
    nlohmann::json json{
        {"id", authenticator.id.text()},
        {"kind", authn::to_text(authenticator.kind)},
        {"state", authn::to_text(authenticator.state)},
        {"label", authenticator.label},
        {"serial", authenticator.serial},
        {"source", authenticator.source},
        {"bound_by", nullptr},
        {"bound_at", to_text(authenticator.bound_at)},
        {"last_used_at", time_or_null(authenticator.last_used_at)},
        {"expires_at", time_or_null(authenticator.expires_at)},
        {"suspended_by", nullptr},
    };
    if (authenticator.bound_by) json["bound_by"] = authenticator.bound_by->text();
    if (authenticator.suspended_by) json["suspended_by"] = authenticator.suspended_by->text();
    if (authenticator.kind == authn::AuthenticatorKind::webauthn) {
        json["model_attested"] = authenticator.model_attested;
    }
    if (authenticator.kind == authn::AuthenticatorKind::recovery_codes) {
        json["left"] = authenticator.left;
    }
    return json;
}

std::string_view kind_words(authn::AuthenticatorKind kind) noexcept {
    using Kind = authn::AuthenticatorKind;
    switch (kind) {
        case Kind::passphrase:
            return "passphrase";
        case Kind::totp:
            return "authenticator app";
        case Kind::webauthn:
            return "security key or passkey";
        case Kind::push:
            return "phone";
        case Kind::certificate:
            return "smart card";
        case Kind::badge:
            return "badge";
        case Kind::recovery_codes:
            return "recovery codes";
    }
    return "authenticator";
}

std::string_view state_words(const authn::Authenticator& authenticator, Time now) noexcept {
    using State = authn::AuthenticatorState;
    if (authenticator.usable(now)) return "works";
    switch (authenticator.state) {
        case State::issued:
        case State::bound:
            return "not yet confirmed";
        case State::suspended:
            return authenticator.suspended_by ? "suspended by an administrator" : "suspended";
        case State::revoked:
            return "removed";
        case State::active:
        case State::expired:
            return "expired";
    }
    return "unknown";
}

}  // namespace sallyport::api
