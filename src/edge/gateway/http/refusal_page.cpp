#include "edge/gateway/http/refusal_page.h"

#include "base/core/bytes.h"
#include "base/core/log.h"
#include "base/crypto/crypto.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sallyport::gateway {

namespace {

struct Entry {
    std::string_view reason;
    RefusalWords words;
};

constexpr std::string_view ask_for_grant =
    "Ask for access on the list of devices; another person has to approve it.";
constexpr std::string_view ask_operator =
    "Tell whoever operates Sallyport; the reason is in its log. Nothing passes unrecorded "
    "meanwhile.";
constexpr std::string_view check_device =
    "Check that the device is on and connected, then try again.";

constexpr auto entries = std::to_array<Entry>({
    {"grant.missing", {403, "You have no open grant for this device", ask_for_grant}},
    {"grant.not_approved", {403, "Your request for this device is not approved", ask_for_grant}},
    {"grant.not_yet", {403, "Your grant has not begun", "Come back when its time begins."}},
    {"grant.over", {403, "Your grant is over", ask_for_grant}},
    {"grant.other_person", {403, "This grant is somebody else's", ask_for_grant}},
    {"grant.other_device", {403, "Your grant is for another device", ask_for_grant}},
    {"policy.not_in_role",
     {403, "Your role does not visit devices", "Sign in with an account that has such a role."}},
    {"policy.too_weak",
     {403, "Your sign-in was not strong enough", "Sign in again with all factors of your role."}},
    {"policy.step_up",
     {403, "Your last proof is too old", "Confirm who you are at the sign-in page."}},
    {"policy.recovery_code",
     {403,
      "A recovery code opens no device",
      "Confirm with an authenticator at the sign-in page; add one under Your security first."}},
    {"clock.behind", {503, "This server's clock can't be trusted", ask_operator}},
    {"http.token_in_url",
     {400,
      "The address held a session token",
      "That session has been ended. Sign in again, and never put a token into an address."}},
    {"device.unknown",
     {404, "There is no such device", "Choose a device from the list of those granted to you."}},
    {"device.retired",
     {403, "This device is retired", "Ask an administrator if it should be in service."}},
    {"device.identity_mismatch",
     {403,
      "Another device answers at this device's address",
      "Nothing of yours reached it. Read the serial number on the device in front of you and tell "
      "clinical engineering: the register and the network do not agree."}},
    {"device.identity_unreadable",
     {403,
      "The device does not say which one it is",
      "Nothing of yours reached it. Check that it is on; if it stays so, tell clinical engineering."
     }},
    {"device.in_therapy",
     {409,
      "A patient is being treated with this device",
      "Nothing was changed. Reading is allowed; come back when the therapy has been stopped at the "
      "device."}},
    {"device.therapy_unknown",
     {409,
      "The device does not say whether a patient is being treated with it",
      "Nothing was changed. Go and look at the device; if it stands still and stays silent, tell "
      "clinical engineering."}},
    {"device.path_not_allowed",
     {403,
      "This device's profile does not allow that request",
      "If the work needs it, ask an administrator to change the profile."}},
    {"device.capability_missing",
     {403,
      "Your grant does not cover that request",
      "Ask for a grant that names what the request needs."}},
    {"device.path_malformed",
     {400, "The address can't be understood", "Follow a link of the device's own pages."}},
    {"device.path_ambiguous",
     {400, "The address can be read in two ways", "Follow a link of the device's own pages."}},
    {"gateway.cross_site",
     {403,
      "Another site asked your browser for this",
      "Open the device from the list of devices granted to you."}},
    {"gateway.service_worker",
     {403,
      "A device page may not install a service worker",
      "Nothing to do: the page works without it."}},
    {"gateway.method", {405, "That method never reaches a device", "Use the device's own pages."}},
    {"gateway.upgrade_not_allowed",
     {403,
      "This device's profile does not allow a protocol switch",
      "If the work needs it, ask an administrator to change the profile."}},
    {"gateway.length_required",
     {411, "The request is too large to be sent in chunks", "Send it with a Content-Length."}},
    {"gateway.visits_full",
     {503, "Too many visits are open", "Try again later, or have an open visit ended."}},
    {"gateway.sockets_full",
     {503, "Too many connections of one visit", "Close other tabs of this device."}},
    {"gateway.stopping", {503, "This server is stopping", "Try again in a minute."}},
    {"http.body_too_large",
     {413,
      "The request is larger than this device's profile allows",
      "If the work needs it, ask an administrator to change the profile."}},
    {"recorder.disk_reserve", {503, "No visit may begin: recording lacks room", ask_operator}},
    {"recorder.poisoned", {503, "No visit may begin: recording failed", ask_operator}},
    {"recorder.stopping", {503, "No visit may begin: recording stops", ask_operator}},
    {"recorder.overloaded", {503, "Recording can't keep up", "Try again in a moment."}},
    {"store.busy",
     {503,
      "This server's database does not answer",
      "Try again in a moment; if it stays, tell whoever operates Sallyport. Nothing was sent to "
      "the device."}},
    {"store.failed", {503, "This server's database failed, or has no room", ask_operator}},
    {"store.full", {503, "This server's disk is full", ask_operator}},
    {"vault.no_secret",
     {503,
      "No service credential is stored for this device",
      "Ask an administrator to store it in the vault."}},
    {"audit.read_only", {503, "No visit may begin: the audit log needs a look", ask_operator}},
    {"visit.ended",
     {403, "Your visit has ended", "Open the device again from the list, if you still may."}},
    {"visit.over",
     {403, "Your visit has reached its longest time", "Open the device again from the list."}},
    {"device.address_forbidden",
     {502,
      "The device's address is one that may not be reached",
      "Ask an administrator to correct it."}},
    {"device.address_own",
     {502, "The device's address is this server's own", "Ask an administrator to correct it."}},
    {"device.unreachable", {502, "The device can't be reached", check_device}},
    {"device.timeout", {504, "The device does not answer", check_device}},
    {"device.closed", {502, "The device ended the connection", check_device}},
    {"device.garbage", {502, "The device's answer can't be understood", check_device}},
    {"device.credential_refused",
     {502,
      "The device refused the stored credential",
      "Ask an administrator to store the right one in the vault. Your own password is not asked "
      "for."}},
    {"device.answer_encoded",
     {502,
      "The device's answer is encoded and could not be checked",
      "Ask an administrator; such a page can't be shown."}},
    {"device.answer_too_large",
     {502,
      "The device's answer is larger than its profile allows",
      "If the work needs it, ask an administrator to change the profile."}},
    {"device.answer_unmaskable",
     {502,
      "The answer held the device's credential, which is too short to be masked",
      "Ask an administrator; such a page can't be shown."}},
    {"gateway.reserved",
     {404, "There is no such page", "Open the device from the list of those granted to you."}},
});

constexpr RefusalWords words_of(Refusal::Kind kind) noexcept {
    constexpr std::string_view retry = "Open the device again from the list.";
    switch (kind) {
        case Refusal::invalid:
            return {400, "The request can't be understood", retry};
        case Refusal::unauthenticated:
            return {401, "You are not signed in", "Sign in again."};
        case Refusal::denied:
            return {403, "You may not do this", ask_for_grant};
        case Refusal::step_up:
            return {403, "Your last proof is too old", "Sign in again."};
        case Refusal::not_found:
            return {404, "There is no such thing", retry};
        case Refusal::conflict:
            return {409, "Something else came first", retry};
        case Refusal::expired:
            return {403, "The time for this is over", ask_for_grant};
        case Refusal::throttled:
            return {429, "Too many attempts", "Wait a while."};
    }
    return {500, "Something went wrong", retry};
}

constexpr std::string_view style =
    "body{font:17px/1.5 system-ui,sans-serif;max-width:38em;margin:12vh auto;padding:0 1.2em;"
    "color:#1b2733;background:#f6f7f9}h1{font-size:1.5em}small{color:#5a6672}a{color:#0b57a4}";

// A device host's pages are the device's; ours among them load nothing, run nothing, and have this
// one style.
void guard(http::Response& response) {
    static const auto policy = fmt::format(
        "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'",
        to_base64(crypto::sha256(as_bytes(style)))
    );
    response.headers.set("Content-Security-Policy", policy);
    response.headers.set("Cache-Control", "no-store");
    response.headers.set("X-Content-Type-Options", "nosniff");
    response.headers.set("Referrer-Policy", "no-referrer");
}

struct Text {
    int status;
    std::string_view title;
    std::string remedy;
    std::string reason;  // stable, for support
};

http::Response page(const Text& text, const PageContext& context) {
    std::string body =
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width\"><title>" +
        http::html_escaped(text.title) + "</title><style>" + std::string(style) +
        "</style></head><body><main><h1>" + http::html_escaped(text.title) + "</h1><p>" +
        http::html_escaped(text.remedy) + "</p>";
    if (!context.sign_in_origin.empty()) {
        body += "<p><a href=\"" + http::html_escaped(context.sign_in_origin) +
                "/\">To the list of devices</a></p>";
    }
    body += "<p><small>Sallyport, device " + http::html_escaped(context.device_name) + ": " +
            http::html_escaped(text.reason) + "</small></p></main></body></html>\n";
    return http::Response::html(text.status, std::move(body));
}

http::Response problem(const Text& text, const PageContext& context) {
    auto response = http::Response::json(
        text.status,
        "{\"type\":\"urn:sallyport:" + text.reason + "\",\"title\":" +
            log::json_quoted(text.title) + ",\"status\":" + std::to_string(text.status) +
            ",\"detail\":" + log::json_quoted(text.remedy) + ",\"reason\":\"" + text.reason +
            "\",\"device\":" + log::json_quoted(context.device_name) + "}"
    );
    response.headers.set("Content-Type", "application/problem+json");
    return response;
}

http::Response answer(const http::Request& request, const Text& text, const PageContext& context) {
    auto response = wants_page(request) ? page(text, context) : problem(text, context);
    guard(response);
    return response;
}

}  // namespace

RefusalWords words_for(const Refusal& refusal) noexcept {
    const auto* const found = std::ranges::find(entries, refusal.reason, &Entry::reason);
    return found != entries.end() ? found->words : words_of(refusal.kind);
}

http::Response refusal_answer(
    const http::Request& request, const Refusal& refusal, const PageContext& context
) {
    const auto words = words_for(refusal);
    Text text{words.status, words.title, std::string(words.remedy), std::string(refusal.reason)};
    if (refusal.reason == "device.capability_missing" && !refusal.detail.empty()) {
        text.remedy = "Ask for a grant that names “" + refusal.detail + "”.";
    }
    return answer(request, text, context);
}

http::Response incident_answer(
    const http::Request& request, std::string_view incident, const PageContext& context
) {
    return answer(
        request,
        {500,
         "Something went wrong on our side",
         "Try again; if it stays, tell whoever operates Sallyport the number " +
             std::string(incident) + ".",
         "incident"},
        context
    );
}

http::Response front_page_answer(const PageContext& context) {
    const auto name = http::html_escaped(context.device_name);
    auto response = http::Response::html(
        200,
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta http-equiv=\"refresh\" content=\"0;url=/\">"
        "<meta name=\"viewport\" content=\"width=device-width\"><title>" +
            name + "</title><style>" + std::string(style) +
            "</style></head><body><main><p><a href=\"/\">Open " + name +
            "</a></p></main></body></html>\n"
    );
    guard(response);
    return response;
}

bool wants_page(const http::Request& request) {
    if (const auto mode = request.headers.only("Sec-Fetch-Mode")) return mode == "navigate";
    const auto accept = request.headers.only("Accept");
    return !accept || accept->contains("text/html") || accept == "*/*";
}

}  // namespace sallyport::gateway
