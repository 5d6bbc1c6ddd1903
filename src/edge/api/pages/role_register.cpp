#include "edge/api/pages/role_register.h"

#include "domain/policy/policy_words.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace sallyport::api {

namespace {

struct Scope {
    std::string_view name;
    std::string_view heading;
};

constexpr std::array<Scope, 3> scopes{{
    {"clinical", "Clinical scope"},
    {"gateway", "Gateway scope"},
    {"both", "In both scopes"},
}};

Html role_card(const policy::RoleRules& role) {
    Html card("<section class=\"card role\" aria-labelledby=\"role-");
    card.add(role.name, "\"><h4 id=\"role-", role.name, "\">", role.name, "</h4><dl>");
    for (const auto& [label, said] : policy::role_words(role)) {
        card.add("<dt>", Text::ours(label), "</dt><dd>", said, "</dd>");
    }
    return card.add("</dl></section>");
}

}  // namespace

Html role_register(const policy::Policy& policy) {
    Html html;
    if (!policy.role_count_rationale.empty()) {
        html.add(
            "<p class=\"note\">A scope has more than five roles. Why: ",
            policy.role_count_rationale,
            "</p>"
        );
    }
    for (const auto& scope : scopes) {
        const bool any = std::ranges::any_of(policy.roles, [&](const policy::RoleRules& role) {
            return role.scope == scope.name;
        });
        if (!any) continue;
        html.add("<h3>", Text::ours(scope.heading), "</h3>");
        for (const auto& role : policy.roles) {
            if (role.scope == scope.name) html.add(role_card(role));
        }
    }
    return html;
}

Html context_register(const policy::Policy& policy) {
    Html html;
    for (const auto& sentence : policy::context_words(policy.context)) {
        html.add("<p>", sentence, "</p>");
    }
    if (policy.context.rules.empty()) {
        return html.add("<p>No rule: what the role asks for is enough everywhere.</p>");
    }
    html.add(
        "<p>Of the rules that apply, the strictest counts. None lowers what a role asks for."
        "</p><ul>"
    );
    for (const auto& rule : policy.context.rules) {
        html.add("<li>", policy::rule_words(rule), " <small>", rule.rationale, "</small></li>");
    }
    return html.add("</ul>");
}

}  // namespace sallyport::api
