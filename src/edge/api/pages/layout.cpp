#include "edge/api/pages/layout.h"

#include "edge/api/pages/session_watch.h"

#include <array>

namespace sallyport::api {

namespace {

struct NavigationEntry {
    std::string_view path;
    std::string_view label;
    policy::Permission needs;
};

constexpr auto navigation = std::to_array<NavigationEntry>({
    {"/", "Home", policy::Permission::self_read},
    {"/grants", "Grants", policy::Permission::grant_read},
    {"/connections", "Open visits", policy::Permission::connection_watch},
    {"/recordings", "Recordings", policy::Permission::recording_read},
    {"/users", "People", policy::Permission::user_read},
    {"/recovery", "Recovery", policy::Permission::user_read},
    {"/sessions", "Sessions", policy::Permission::session_end},
    {"/workstations", "Workstations", policy::Permission::user_manage},
    {"/incidents", "Reports", policy::Permission::incident_read},
    {"/devices", "Devices", policy::Permission::device_manage},
    {"/audit", "Audit", policy::Permission::audit_read},
    {"/policy", "Policy", policy::Permission::policy_read},
    {"/outages", "Outages", policy::Permission::policy_read},
    {"/statistics", "Statistics", policy::Permission::policy_read},
    {"/security", "Your security", policy::Permission::self_read},
});

Html navigation_for(const session::Session& session, const policy::Policy& policy) {
    Html html("<nav aria-label=\"Main\"><ul>");
    const auto* const role = policy.role(session.role);
    for (const auto& entry : navigation) {
        if (role == nullptr || !role->permissions.test(static_cast<std::size_t>(entry.needs))) {
            continue;
        }
        html.add("<li><a href=\"", entry.path, "\">", Text::ours(entry.label), "</a></li>");
    }
    html.add(
        "</ul><div class=\"who\">",
        session.login_name,
        " <small>",
        session.role,
        "</small>",
        button_form("/api/session/end", "Sign out", session),
        "</div></nav>"
    );
    return html;
}

// Each in itself, for those who read only that one.
Html languages() {
    return Html(
        "<footer><a href=\"/language?to=en&amp;next=\x03\" lang=\"en\" hreflang=\"en\">English</a> "
        "<a href=\"/language?to=de&amp;next=\x03\" lang=\"de\" hreflang=\"de\">Deutsch</a>"
        "</footer>"
    );
}

}  // namespace

Html csrf_field(const session::Session& session) {
    return Html("<input type=\"hidden\" name=\"csrf\" value=\"", session.csrf_key, "\">");
}

Html button_form(
    std::string_view action, const Text& button, const session::Session& session, const Html& more
) {
    return Html(
        "<form class=\"inline\" method=\"post\" action=\"",
        action,
        "\">",
        csrf_field(session),
        more,
        "<button>",
        button,
        "</button></form>"
    );
}

std::string page(
    const Text& title,
    const Html& body,
    const session::Session* session,
    const policy::Policy* policy,
    const Html& head
) {
    return page(Html(title), body, session, policy, head);
}

std::string page(
    const Html& title,
    const Html& body,
    const session::Session* session,
    const policy::Policy* policy,
    const Html& head
) {
    Html html(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
        "<title>",
        title,
        " · Sallyport</title><link rel=\"stylesheet\" href=\"/assets/style.css\">",
        session == nullptr ? Html() : session_watch_script_tag(),
        head,
        "</head><body>"
        "<a class=\"skip\" href=\"#main\">Skip to the content</a>"
        "<header><a class=\"brand\" href=\"/\">Sallyport</a>"
    );
    if (session != nullptr && policy != nullptr) html.add(navigation_for(*session, *policy));
    html.add("</header><main id=\"main\"><h1>", title, "</h1>", body, "</main>", languages());
    if (session != nullptr) html.add(session_watch(*session));
    html.add("</body></html>\n");
    return html.text();
}

Html alert(const Text& what, const Text& remedy) {
    return Html("<p role=\"alert\" id=\"problem\"><strong>", what, "</strong> ", remedy, "</p>");
}

Html step_up_note(
    const session::Session& session, const policy::Policy& policy, Time now, std::string_view path
) {
    if (now - session.last_proof_at <= policy.step_up_age) return {};
    return Html(
        "<p class=\"note\">What is done here asks again who you are. <a href=\"/step-up?next=",
        http::percent_encoded(path),
        "\">Confirm it first</a>: then nothing that you type is lost.</p>"
    );
}

std::string refusal_page(
    const Text& title,
    const Html& remedy,
    const session::Session* session,
    const policy::Policy* policy
) {
    const Html body(
        "<p role=\"alert\">",
        remedy,
        "</p><p><a class=\"button\" href=\"/\">Back to the start</a></p>"
    );
    return page(title, body, session, policy);
}

std::string shown(Time time) {
    auto text = to_text(time);  // 2026-11-22T08:30:00.250Z
    constexpr std::size_t date_size = 10;
    constexpr std::size_t seconds_end = 19;
    return text.substr(0, date_size) + ' ' +
           text.substr(date_size + 1, seconds_end - date_size - 1) + " UTC";
}

}  // namespace sallyport::api
