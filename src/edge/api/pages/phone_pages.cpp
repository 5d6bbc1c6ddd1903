#include "edge/api/pages/phone_pages.h"

#include "edge/api/pages/layout.h"

namespace sallyport::api {

namespace {

constexpr std::string_view script = "<script type=\"module\" src=\"/assets/phone.js\"></script>";

Html app_head() {
    return Html(
        "<link rel=\"manifest\" href=\"/phone/manifest.json\">"
        "<link rel=\"icon\" href=\"/phone/icon.svg\">"
    );
}

}  // namespace

std::string enrol_phone_page(
    const session::Session& session, const policy::Policy& policy, Time now
) {
    const Html body(
        step_up_note(session, policy, now, "/security/phone"),
        "<p>This browser becomes the phone that is asked when you sign in. Do this on the phone "
        "itself.</p><h2>Read this first</h2><ul><li>A question comes only when somebody typed your "
        "passphrase. If that was not you, press “It wasn’t me”, and change your "
        "passphrase.</li><li>Whoever sends question after question hopes that you give in. Never "
        "do: after three, questions stop by themselves.</li><li>Type a number only from the "
        "sign-in page in front of you. Nobody of the hospital ever tells you one by telephone or "
        "message.</li><li>Look at the place and the time before you type.</li></ul>"
        "<form method=\"post\" action=\"/api/self/authenticators/push\" data-phone hidden>",
        csrf_field(session),
        input_field("What you call it", "label", "text", "required maxlength=\"64\""),
        "<label><input type=\"checkbox\" name=\"training\" required> I have read this.</label>"
        "<button>Add this phone</button></form><p role=\"status\" id=\"status\"></p><noscript>"
        "<p>A phone needs a browser that runs scripts.</p></noscript>",
        Html::trusted(std::string(script))
    );
    return page("Add this phone", body, &session, &policy, app_head());
}

std::string question_page(std::string_view sender_key) {
    Html wake;
    if (!sender_key.empty()) {
        wake.add(
            "<p><button id=\"wake\" hidden data-key=\"",
            sender_key,
            "\">Wake this phone by messages</button></p>"
        );
    }
    const Html body(
        "<p role=\"status\" id=\"status\">Waiting for a question.</p>"
        "<section id=\"question\" hidden><p>Somebody is signing in with your passphrase:</p>"
        "<dl><dt>Where to</dt><dd id=\"application\"></dd><dt>From</dt><dd id=\"place\"></dd>"
        "<dt>At</dt><dd id=\"time\"></dd></dl><form>",
        input_field(
            "The number on the sign-in page",
            "number",
            "text",
            "required autocomplete=\"off\" inputmode=\"numeric\" pattern=\"[1-9][0-9]\" "
            "maxlength=\"2\""
        ),
        "<button name=\"decision\" value=\"approve\">Send the number</button> "
        "<button name=\"decision\" value=\"deny\" formnovalidate>Not now</button> "
        "<button name=\"decision\" value=\"report\" formnovalidate>It wasn’t me</button>"
        "</form></section>",
        wake,
        "<noscript><p>A phone needs a browser that runs scripts.</p></noscript>",
        Html::trusted(std::string(script))
    );
    return page("Your phone", body, nullptr, nullptr, app_head());
}

std::string_view phone_manifest() noexcept {
    return R"({"name":"Sallyport","short_name":"Sallyport","id":"/phone/","scope":"/phone/",)"
           R"("start_url":"/phone/question","display":"standalone",)"
           R"("icons":[{"src":"/phone/icon.svg","type":"image/svg+xml","sizes":"any"}]})";
}

std::string_view phone_icon() noexcept {
    return R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" )"
           R"(height="64" rx="12" fill="#0b4f6c"/><path d="M18 52V28a14 14 0 0 1 28 0v24" )"
           R"(fill="none" stroke="#fff" stroke-width="6"/></svg>)";
}

}  // namespace sallyport::api
