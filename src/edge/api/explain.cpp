#include "edge/api/explain.h"

#include "base/core/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sallyport::api {

namespace {

struct Words {
    std::string_view reason;
    std::string_view title;
    std::string_view remedy;
};

constexpr auto words = std::to_array<Words>({
    {"authn.refused",
     "That did not match.",
     "Check your name, passphrase and code, then try again. A code works once and changes every 30 "
     "seconds."},
    {"input.missing", "A value is missing.", "Fill in the field named here and send again."},
    {"input.malformed", "The request could not be read.", "Send a flat JSON object or an HTML form."
    },
    {"input.type_unknown",
     "The request's content type is not known.",
     "Send application/json or application/x-www-form-urlencoded."},
    {"input.time_malformed", "That is not a time.", "Write it as 2026-11-22T08:30:00Z, in UTC."},
    {"session.missing", "You are not signed in.", "Sign in and try again."},
    {"session.ended", "Your session has ended.", "Sign in again."},
    {"session.expired_idle", "Your session ended because it was not used.", "Sign in again."},
    {"session.expired_absolute", "Your session has reached its longest time.", "Sign in again."},
    {"origin.foreign",
     "The request came from another site.",
     "Open Sallyport itself and try again there."},
    {"origin.missing",
     "It is not clear which page the request came from.",
     "Use Sallyport's own pages in a current browser."},
    {"csrf.token",
     "The form was not from this session.",
     "Load the page again and send the form once more."},
    {"policy.step_up",
     "This action asks again who you are.",
     "Enter a fresh code, then repeat the action."},
    {"policy.not_in_role", "Your role does not allow this.", "Ask an administrator which role does."
    },
    {"policy.too_weak",
     "Your sign-in was not strong enough for this.",
     "Sign in again with two factors."},
    {"policy.own_request", "Nobody decides about themselves.", "Ask another person to do it."},
    {"clock.behind",
     "This server's clock is behind the time it has already recorded.",
     "Nothing new starts until an operator has corrected the clock (operations.md, clock)."},
    {"account.login_name_taken", "That login name is taken, or was once.", "Choose another name."},
    {"login_name.malformed",
     "That login name can't be used.",
     "Use 1 to 64 of a-z, 0-9, dot, underscore, hyphen and @, beginning with a letter or digit."},
    {"device.name_taken", "A device of that name is registered.", "Choose another name."},
    {"device.serial_taken",
     "A device with that serial number is registered.",
     "Check the serial number."},
    {"device.unknown",
     "That device is not registered.",
     "Check the name against the list of devices."},
    {"device.address_not_allowed",
     "That address can't be a device's.",
     "Give the device's own address on its network, not this server's or a special one."},
    {"grant.purpose_short",
     "The purpose is too short.",
     "Say in at least ten characters what you will do."},
    {"grant.ticket_malformed",
     "The change ticket can't be read.",
     "Use 1 to 64 letters, digits or . _ - / #."},
    {"grant.window",
     "That time window can't be granted.",
     "Let it begin before it ends, not in the past, and within the policy's longest grant."},
    {"grant.missing",
     "You have no grant for this device now.",
     "Ask for access under Grants; another person approves it."},
    {"grant.not_approved", "Your grant is not approved.", "Wait for the approver, or ask again."},
    {"grant.not_yet", "Your grant has not begun.", "Come back at the time that it names."},
    {"grant.over", "The grant is over.", "Ask for access again."},
    {"grant.own_request", "Nobody approves their own request.", "Another approver has to decide."},
    {"grant.same_person",
     "The request is by your own other account.",
     "Another person has to decide."},
    {"grant.account_creator",
     "You created the requester's account.",
     "Another approver has to decide."},
    {"grant.factor_issuer",
     "You issued or reset a factor of the requester in the last seven days.",
     "Another approver has to decide."},
    {"grant.secret_keeper", "You stored this device's secret.", "Another approver has to decide."},
    {"grant.already_decided", "That request is already decided.", "Load the page again."},
    {"vault.no_secret",
     "No credential is stored for this device.",
     "An administrator stores it under Devices."},
    {"ticket.refused",
     "That code is not valid, was used, or is over its time.",
     "Ask the administrator who gave it to you for a new one."},
    {"authn.flow_over", "That took too long.", "Begin again at the sign-in page."},
    {"enrolment.over", "That took too long.", "Begin again with your ticket, or ask for a new one."
    },
    {"totp.wrong", "That code did not match.", "Enter the code that your app shows now."},
    {"step_up.refused", "That did not match.", "Enter the next code that your app shows."},
    {"passphrase.not_the_same", "The two passphrases differ.", "Type the same one twice."},
    {"http.token_in_url",
     "The address held a session token.",
     "That session has been ended. Sign in again, and never put a token into an address."},
    {"user.unknown", "There is no such account.", "Check the login name against the list."},
    {"user.last_administrator",
     "This is the last active administrator.",
     "Make another administrator first."},
    {"user.own_account", "Nobody administers their own account.", "Ask another administrator."},
    {"passphrase.short",
     "The passphrase is too short.",
     "Use a longer one; a few plain words are good."},
    {"passphrase.common",
     "That passphrase is one that many people use.",
     "Choose words that nobody would guess."},
    {"authn.throttled", "Too many attempts.", "Wait a little, then try again."},
    {"role.unknown", "That role does not exist.", "Choose one of the policy's roles."},
    {"recording.on_its_way", "This recording is still being written.", "Try again in a few seconds."
    },
    {"audit.read_only",
     "The audit log is not trustworthy, so nothing may change.",
     "An operator has to look at it now (operations.md, audit alarm)."},
});

Explanation by_kind(Refusal::Kind kind) noexcept {
    switch (kind) {
        case Refusal::invalid:
            return {
                422, "The request was not understood.", "Check what you entered and send it again."
            };
        case Refusal::unauthenticated:
            return {401, "You are not signed in.", "Sign in and try again."};
        case Refusal::denied:
            return {403, "That is not allowed.", "Ask an administrator if you need it."};
        case Refusal::step_up:
            return {
                401,
                "This action asks again who you are.",
                "Enter a fresh code, then repeat the action."
            };
        case Refusal::not_found:
            return {404, "There is nothing here.", "Check the address or the name."};
        case Refusal::conflict:
            return {
                409,
                "Somebody or something was first.",
                "Load the page again and look at the present state."
            };
        case Refusal::expired:
            return {410, "Its time is over.", "Ask for it again."};
        case Refusal::throttled:
            return {429, "Too many attempts.", "Wait a little, then try again."};
    }
    return {500, "Something is wrong here.", "Tell an operator."};
}

}  // namespace

Explanation explain(const Refusal& refusal) noexcept {
    auto explanation = by_kind(refusal.kind);
    const auto* const found = std::ranges::find(words, refusal.reason, &Words::reason);
    if (found != words.end()) {
        explanation.title = found->title;
        explanation.remedy = found->remedy;
    }
    return explanation;
}

std::string problem_json(const Refusal& refusal) {
    const auto [status, title, remedy] = explain(refusal);
    const std::string member =
        refusal.kind == Refusal::invalid && !refusal.detail.empty()
            ? fmt::format(R"(,"member":{})", log::json_quoted(refusal.detail))
            : "";
    return fmt::format(
        R"({{"type":"urn:sallyport:{}","title":{},"status":{},"detail":{},"reason":"{}"{}}})",
        refusal.reason,
        log::json_quoted(title),
        status,
        log::json_quoted(remedy),
        refusal.kind == Refusal::step_up ? "step_up_required" : refusal.reason,
        member
    );
}

std::string incident_json(int status, std::string_view title, std::string_view incident) {
    return fmt::format(
        R"({{"type":"urn:sallyport:incident","title":{},"status":{},"detail":"Tell an operator this number.","incident":"{}"}})",
        log::json_quoted(title),
        status,
        incident
    );
}

}  // namespace sallyport::api
