#pragma once
// The frame of every page: heading, navigation by role, footer. Works without scripts.

#include "domain/policy/policy.h"
#include "domain/session/session.h"
#include "edge/api/pages/html.h"

#include <string>
#include <string_view>

namespace sallyport::api {

// A whole page. `session` null: the sign-in frame without navigation. `head`: what else its head
// has.
[[nodiscard]] std::string page(
    const Text& title,
    const Html& body,
    const session::Session* session = nullptr,
    const policy::Policy* policy = nullptr,
    const Html& head = Html()
);
// With a title that is ours in part: Html("Hello, ", name). No tags.
[[nodiscard]] std::string page(
    const Html& title,
    const Html& body,
    const session::Session* session = nullptr,
    const policy::Policy* policy = nullptr,
    const Html& head = Html()
);

// The hidden CSRF member of a form.
[[nodiscard]] Html csrf_field(const session::Session& session);

// One label with its input. `attributes` is markup of ours, e.g. `required autofocus`.
template <std::size_t size>
[[nodiscard]] Html input_field(
    const Text& label,
    std::string_view name,
    std::string_view type,
    const char (&attributes)[size],
    std::string_view value = {}
) {
    return Html(
        "<label>",
        label,
        "<input name=\"",
        name,
        "\" type=\"",
        type,
        "\" value=\"",
        value,
        "\" ",
        attributes,
        "></label>"
    );
}

// A form that is one button: `action` is posted with the CSRF member.
[[nodiscard]] Html button_form(
    std::string_view action,
    const Text& button,
    const session::Session& session,
    const Html& more = Html()
);

// Above a form: what was wrong with what was sent. Inputs name it by aria-describedby="problem".
[[nodiscard]] Html alert(const Text& what, const Text& remedy);

// Above forms that need a fresh proof, when the session's is too old by now. `path`: this page.
[[nodiscard]] Html step_up_note(
    const session::Session& session, const policy::Policy& policy, Time now, std::string_view path
);

// A page that says what went wrong and what to do next.
[[nodiscard]] std::string refusal_page(
    const Text& title,
    const Html& remedy,
    const session::Session* session = nullptr,
    const policy::Policy* policy = nullptr
);

// A time as people read it: "2026-11-22 08:30:00 UTC".
[[nodiscard]] std::string shown(Time time);

// The one style sheet, served at /assets/style.css.
[[nodiscard]] std::string_view style_sheet() noexcept;

}  // namespace sallyport::api
