#include "edge/api/responses.h"

#include "edge/api/explain.h"
#include "edge/api/flow_cookie.h"
#include "edge/api/pages/language.h"
#include "edge/api/pages/layout.h"
#include "edge/api/pages/translation.h"
#include "edge/http/target.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace sallyport::api {

namespace {

// The page whose form was sent: "/api/users/erik/role" is of "/users". Browsers don't tell, since
// our pages ask them not to send a Referer.
std::string page_of(std::string_view path) {
    constexpr std::string_view api = "/api/";
    if (!path.starts_with(api)) return "/";
    if (path.starts_with("/api/self/")) return "/security";
    path.remove_prefix(api.size());
    const auto first = path.substr(0, path.find('/'));
    constexpr std::array<std::string_view, 6> pages{
        "users", "devices", "grants", "recordings", "policy", "connections"
    };
    return std::ranges::find(pages, first) == pages.end() ? "/" : "/" + std::string(first);
}

// Where to go on after a sign-in.
std::string next_of(const http::Request& request) {
    return http::percent_encoded(changes_state(request) ? page_of(request.path) : request.target);
}

// Where a page is found again: its path, and where it leads on to. Nothing else of its address, in
// which somebody may have put what is not to be shown.
std::string address_of(const http::Request& request) {
    if (changes_state(request)) return page_of(request.path);
    constexpr std::string_view member = "next=";
    const std::string_view target = request.target;  // its query was taken for the members by now
    auto query = target.substr(std::min(target.find('?'), target.size()));
    while (!query.empty()) {
        query.remove_prefix(1);
        const auto end = query.find('&');
        if (query.starts_with(member)) {
            const auto next = http::percent_decoded(query.substr(0, end).substr(member.size()));
            if (!next) break;
            return request.path + "?next=" + http::percent_encoded(safe_next(*next));
        }
        query = query.substr(std::min(end, query.size()));
    }
    return request.path;
}

http::Response page_response(const http::Request& request, int status, std::string_view page) {
    const auto address = http::percent_encoded(address_of(request));
    return http::Response::html(status, in_language(page, language_of(request), address));
}

}  // namespace

bool changes_state(const http::Request& request) {
    return request.method != "GET" && request.method != "HEAD";
}

bool wants_page(const http::Request& request) {
    const auto accept = request.headers.only("accept").value_or("");
    return accept.contains("text/html") && !request.path.starts_with("/api/session.json");
}

http::Response refusal_response(
    const http::Request& request, const Refusal& refusal, const session::Session* session
) {
    const auto explanation = explain(refusal);
    if (!wants_page(request)) {
        auto response =
            http::Response::json(explanation.status, problem_json(refusal, language_of(request)));
        response.headers.set("content-type", "application/problem+json");
        return response;
    }
    if (refusal.kind == Refusal::unauthenticated && refusal.reason != "authn.refused" &&
        refusal.reason != "step_up.refused") {
        // What idleness ended may be locked only; the page knows, or goes on to the sign-in.
        const bool ended =
            refusal.reason == "session.expired_idle" || refusal.reason == "session.unknown";
        const std::string_view where = ended ? "/unlock" : "/sign-in";
        return http::Response::redirect(std::string(where) + "?next=" + next_of(request));
    }
    if (refusal.kind == Refusal::step_up) {
        const auto back = changes_state(request) ? page_of(request.path) : request.target;
        return http::Response::redirect("/step-up?next=" + http::percent_encoded(back));
    }
    Html remedy(Text::ours(explanation.remedy));
    // Of an invalid request the detail is the member's name, as in problem_json().
    if (refusal.kind == Refusal::invalid && !refusal.detail.empty()) {
        remedy.add(" (", refusal.detail, ")");
    }
    const auto body = refusal_page(Text::ours(explanation.title), remedy, session, nullptr);
    return page_response(request, explanation.status, body);
}

http::Response response_from(const http::Request& request, bool sent_form, Reply reply) {
    http::Response response;
    const bool to_person = wants_page(request) || reply.json.empty();
    if (reply.pieces) {
        response.status = reply.status;
        response.headers.set("content-type", reply.content_type);
        response.pieces = std::move(reply.pieces);
    } else if (!reply.page.empty() && to_person) {
        response = page_response(request, reply.status, reply.page);
        if (!reply.refresh.empty()) response.headers.set("refresh", "0; url=" + reply.refresh);
    } else if (!reply.location.empty() && (to_person || sent_form)) {
        response = http::Response::redirect(reply.location);
    } else {
        response = http::Response::json(reply.status, std::move(reply.json));
        if (!reply.content_type.empty()) {
            response.headers.set("content-type", reply.content_type);
        }
    }
    if (reply.clears_site) {
        // Not "cookies": the workstation's own is one, and the session's is replaced.
        response.headers.set("clear-site-data", "\"cache\", \"storage\"");
    }
    if (!reply.file_name.empty()) {
        response.headers.set(
            "content-disposition", "attachment; filename=\"" + reply.file_name + "\""
        );
    }
    for (auto& cookie : reply.cookies) {
        response.headers.add("set-cookie", std::move(cookie));
    }
    return response;
}

http::Response failure_response(
    std::optional<Language> reader, int status, bool nothing_done, std::string_view incident
) {
    const std::string_view title =
        status == 503 ? "Sallyport can't do this right now." : "Something went wrong here.";
    if (reader) {
        Html remedy;
        if (nothing_done) {
            remedy.add("Nothing was changed.");
        } else {
            remedy.add("See whether it was done before you try again.");
        }
        remedy.add(" Tell an operator this number: ", incident);
        const auto page = refusal_page(Text::ours(title), remedy);
        return http::Response::html(status, in_language(page, *reader, "/"));
    }
    auto response = http::Response::json(status, incident_json(status, title, incident));
    response.headers.set("content-type", "application/problem+json");
    return response;
}

}  // namespace sallyport::api
