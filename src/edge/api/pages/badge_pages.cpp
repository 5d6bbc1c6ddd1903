#include "edge/api/pages/badge_pages.h"

#include "edge/api/pages/layout.h"
#include "edge/http/message.h"

namespace sallyport::api {

namespace {

// A page that waits for another tap than the one it shows: it comes again once there is one, or,
// where no script runs, every two seconds.
Html waits_for_tap(std::string_view address, const authn::BadgeTap* shown) {
    return Html(
        "<noscript><meta http-equiv=\"refresh\" content=\"2;url=",
        address,
        "\"></noscript><script type=\"module\" src=\"/assets/badge_waiting.js\" data-again=\"",
        address,
        "\" data-tap=\"",
        shown == nullptr ? std::string() : shown->id.text(),
        "\"></script>"
    );
}

Html other_ways(std::string_view next) {
    const auto encoded = http::percent_encoded(next);
    return Html(
        "<p><a href=\"/unlock?with=passphrase&amp;next=",
        encoded,
        "\">Use the passphrase</a> · <a href=\"/sign-in?next=",
        encoded,
        "\">Sign in</a></p>"
    );
}

std::string waiting_page(const BadgeForm& form, const Text& says) {
    const Html body("<p role=\"status\">", says, "</p>", other_ways(form.next));
    const auto again = "/badge?next=" + http::percent_encoded(form.next);
    return page("Locked", body, nullptr, nullptr, waits_for_tap(again, form.tap));
}

Html pin_field() {
    return input_field(
        "PIN of your badge",
        "pin",
        "password",
        "required autofocus aria-describedby=\"problem\" inputmode=\"numeric\" maxlength=\"12\" "
        "autocomplete=\"off\""
    );
}

Html new_pin_fields() {
    return Html(
        input_field(
            "PIN: 6 to 12 digits",
            "pin",
            "password",
            "required inputmode=\"numeric\" maxlength=\"12\" autocomplete=\"off\""
        ),
        input_field(
            "The same again",
            "repeated",
            "password",
            "required inputmode=\"numeric\" maxlength=\"12\" autocomplete=\"off\""
        )
    );
}

Text kind_of_card(bool has_key) {
    return has_key ? Text("This card proves itself: a copy of its number opens nothing.")
                   : Text("This card says a number only, which can be copied.");
}

Html bind_form(const OwnBadgePage& shown) {
    return Html(
        "<p role=\"status\">A card is on the reader.</p><p>",
        kind_of_card(shown.tap->card_key.has_value()),
        "</p><form method=\"post\" action=\"/api/self/authenticators/badge\">",
        csrf_field(shown.session),
        "<input type=\"hidden\" name=\"tap\" value=\"",
        shown.tap->id.text(),
        "\">",
        input_field("What you call it", "label", "text", "required maxlength=\"64\"", "My badge"),
        new_pin_fields(),
        "<button>Add this badge</button></form>"
    );
}

Html new_badge(const OwnBadgePage& shown) {
    if (!shown.at_reader) {
        return Html("<p>Open this page at a workstation with a badge reader.</p>");
    }
    if (shown.tap != nullptr && !shown.tap->badge) return bind_form(shown);
    return Html(
        "<p role=\"status\">",
        shown.tap == nullptr ? Text("Put your card on the reader.")
                             : Text("That card is a badge already. Put on another."),
        "</p><p><a href=\"/security/badge\">Look again</a></p>"
    );
}

Html pin_forms(const OwnBadgePage& shown) {
    Html html;
    for (const auto& badge : shown.badges) {
        html.add(
            "<h2>Another PIN for “",
            badge.authenticator.label,
            "”</h2><p>",
            kind_of_card(badge.proves_itself),
            "</p><form method=\"post\" action=\"/api/self/authenticators/",
            badge.authenticator.id.text(),
            "/pin\">",
            csrf_field(shown.session),
            new_pin_fields(),
            "<button>Change it</button></form>"
        );
    }
    return html;
}

}  // namespace

std::string badge_page(const BadgeForm& form) {
    if (form.tap == nullptr) return waiting_page(form, "Put your badge on the reader.");
    if (!form.tap->badge) return waiting_page(form, "That card is not known here.");
    if (!form.tap->badge->proven) {
        return waiting_page(form, "That badge did not prove itself. Hold it on the reader longer.");
    }
    if (!form.tap->badge->usable) {
        return waiting_page(form, "That badge is not in use now. Sign in without it.");
    }
    const Html body(
        form.wrong_pin ? alert(
                             "That did not match.",
                             "Type the PIN of this badge. The tenth wrong one suspends it."
                         )
                       : Html(),
        "<form method=\"post\" action=\"/api/session/unlock-with-badge\"><input type=\"hidden\" "
        "name=\"csrf\" value=\"",
        form.form_token,
        "\"><input type=\"hidden\" name=\"next\" value=\"",
        form.next,
        "\"><input type=\"hidden\" name=\"tap\" value=\"",
        form.tap->id.text(),
        "\">",
        pin_field(),
        "<button>Unlock</button></form>",
        other_ways(form.next)
    );
    return page(Html("Hello, ", form.tap->badge->first_name), body);
}

std::string own_badge_page(const OwnBadgePage& shown) {
    // A page that loads itself again would drop a PIN that is being typed.
    const bool waits =
        shown.at_reader && shown.badges.empty() && (shown.tap == nullptr || shown.tap->badge);
    const Html body(
        "<p>A badge with its PIN opens what you left locked at a workstation of the ward. It is no "
        "sign-in: once a shift you show all your factors.</p>",
        step_up_note(shown.session, shown.policy, shown.now, "/security/badge"),
        "<h2>Add a badge</h2>",
        new_badge(shown),
        pin_forms(shown),
        "<p><a href=\"/security\">Back to your security</a></p>"
    );
    return page(
        "Your badges",
        body,
        &shown.session,
        &shown.policy,
        waits ? waits_for_tap("/security/badge", shown.tap) : Html()
    );
}

}  // namespace sallyport::api
