#include "edge/api/pages/policy_versions.h"

#include "edge/api/explain.h"
#include "edge/api/pages/layout.h"

namespace sallyport::api {

namespace {

using policy::VersionState;

Html changes_table(const std::vector<policy::PolicyChange>& changes) {
    Html html(
        "<table "
        "class=\"changes\"><thead><tr><th>About</th><th>What</th><th>From</th><th>To</th></tr></"
        "thead><tbody>"
    );
    for (const auto& change : changes) {
        html.add("<tr><td>", change.about, "</td><td>", change.what);
        if (change.weaker) html.add(" <strong class=\"weaker\">weaker</strong>");
        html.add("</td><td>", change.from, "</td><td>", change.to, "</td></tr>");
    }
    return html.add("</tbody></table>");
}

Html warnings_list(const std::vector<policy::PolicyWarning>& warnings) {
    if (warnings.empty()) return {};
    Html html("<ul class=\"note\">");
    for (const auto& warning : warnings) {
        html.add("<li><code>", warning.member, "</code>: ", warning.text, "</li>");
    }
    return html.add("</ul>");
}

Html who_and_when(const ShownVersion& shown) {
    const auto& version = shown.version;
    Html html("<p>", version.rationale, "<br><small>");
    if (shown.proposer.empty()) {
        html.add("installed ");
    } else {
        html.add("proposed by ", shown.proposer, " ");
    }
    html.add(api::shown(version.proposed_at));
    if (!shown.decider.empty() && version.decided_at) {
        html.add(
            version.state == VersionState::rejected ? Html(", rejected by ")
                                                    : Html(", approved by "),
            shown.decider,
            " ",
            api::shown(*version.decided_at)
        );
    }
    return html.add("</small></p>");
}

Html what_changes(const ShownVersion& shown) {
    if (!shown.changes.empty()) return changes_table(shown.changes);
    if (shown.version.diff.empty()) return {};
    return Html("<pre>", shown.version.diff, "</pre>");
}

Html decision_forms(const ShownVersion& shown, const session::Session& session) {
    if (shown.version.proposed_by == session.account) {
        return Html("<p>Another person has to decide.</p>");
    }
    const auto path = "/api/policy/proposals/" + std::to_string(shown.version.version);
    return Html(
        "<p>",
        button_form(path + "/approve", "Approve", session),
        " ",
        button_form(path + "/reject", "Reject", session),
        "</p>"
    );
}

// As other pages have it, with the member and its place, which the problem is about.
Html problem(const Refusal* why) {
    if (why == nullptr) return {};
    const auto words = explain(*why);
    Html html("<p role=\"alert\" id=\"problem\"><strong>");
    html.add(Text::ours(words.title), "</strong> ", Text::ours(words.remedy));
    if (why->kind == Refusal::invalid && !why->detail.empty()) {
        html.add(" <code>", why->detail, "</code>");
    }
    return html.add("</p>");
}

}  // namespace

Html version_section(const ShownVersion& shown, const session::Session& session, bool decides) {
    Html html(
        "<section><h3>Version ",
        shown.version.version,
        ": ",
        policy::to_text(shown.version.state),
        "</h3>",
        who_and_when(shown),
        what_changes(shown),
        warnings_list(shown.warnings)
    );
    if (decides && shown.version.state == VersionState::proposed) {
        html.add(decision_forms(shown, session));
    }
    return html.add("</section>");
}

Html proposal_form(
    std::string_view text,
    std::string_view rationale,
    const Refusal* why,
    const session::Session& session
) {
    return Html(
        "<h2 id=\"propose\">Propose another policy</h2>",
        problem(why),
        "<form class=\"wide\" method=\"post\" action=\"/api/policy/proposals\">",
        csrf_field(session),
        "<label>The policy, as JSON; it begins as the one in force<textarea name=\"policy_text\" "
        "rows=\"24\" required spellcheck=\"false\"",
        why == nullptr ? Html(">") : Html(" aria-invalid=\"true\" aria-describedby=\"problem\">"),
        // The parser of HTML drops a line feed that comes first.
        "\n",
        text,
        "</textarea></label>",
        input_field(
            "Why", "rationale", "text", "required minlength=\"10\" maxlength=\"500\"", rationale
        ),
        "<button>Propose</button></form>"
    );
}

}  // namespace sallyport::api
