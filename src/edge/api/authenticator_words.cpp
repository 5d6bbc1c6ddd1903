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
    };
    if (authenticator.bound_by) json["bound_by"] = authenticator.bound_by->text();
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
        case Kind::offline_codes:
            return "offline codes";
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
            return "suspended";
        case State::revoked:
            return "removed";
        case State::active:
        case State::expired:
            return "expired";
    }
    return "unknown";
}

std::string sentence(const authn::PersonNotice& notice) {
    using Kind = authn::NoticeKind;
    auto about = "“" + notice.subject + "” ";
    switch (notice.kind) {
        case Kind::authenticator_bound:
            return about + "was added to your account.";
        case Kind::authenticator_expiring:
            return about + "will soon stop working. Add another in its place.";
        case Kind::authenticator_expired:
            return about + "has stopped working: its time is over.";
        case Kind::authenticator_revoked:
            return about + "was removed from your account.";
        case Kind::authenticator_suspended:
            return about + "was suspended.";
        case Kind::recovery_codes_renewed:
            return "Your recovery codes were made anew; the earlier ones are worth nothing.";
        case Kind::recovery_asked:
            return "The help desk (" + notice.subject +
                   ") asked for your account's recovery. If "
                   "you did not call them, say so below: it will be refused.";
        case Kind::recovery_approved:
            return "The recovery of your account was approved by " + notice.subject +
                   ". If you did not ask for it, say so below at once.";
        case Kind::recovery_refused:
            return "A recovery of your account was refused.";
        case Kind::recovery_completed:
            return "Your account was recovered: everything that it was signed in with before is "
                   "worth nothing now.";
        case Kind::recovery_alarm:
            return "Somebody on the server's host asked for the recovery of “" + notice.subject +
                   "”, an administrator's account. Approve or refuse it under Recovery.";
        case Kind::incident_reported:
            return "“" + notice.subject +
                   "” reported that something is wrong with their account. "
                   "Look under Reports.";
        case Kind::incident_closed:
            return "Your report was looked into: " + notice.subject;
        case Kind::passphrase_compromised:
            return "Your passphrase was in somebody else's hands; you have set a new one.";
        case Kind::extra_codes_asked:
            return "New recovery codes were asked for in your name. If that was not you, say so "
                   "below.";
        case Kind::extra_codes_approved:
            return notice.subject + " agreed to new recovery codes for you: make them below.";
        case Kind::extra_codes_refused:
            return notice.subject + " refused you new recovery codes.";
        case Kind::sign_in_reported:
            return "A sign-in was refused on your phone as not yours. Somebody knows your "
                   "passphrase: change it now.";
        case Kind::mail_address_changed:
            return "An administrator changed the mail address that you are told things at.";
        case Kind::recovery_by_mail_asked:
            return "Somebody asked for a code to recover your account with; it was sent to your "
                   "mail address.";
        case Kind::second_factor_due:
            return "From " + notice.subject +
                   " on, signing in takes two factors for everybody. Add an authenticator app or "
                   "a passkey before that.";
    }
    return about;
}

}  // namespace sallyport::api
