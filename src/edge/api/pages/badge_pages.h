#pragma once
// The pages of badges: at a locked workstation, and where a person binds one.

#include "domain/authn/badge/badge_tap.h"
#include "domain/authn/badge/own_badges.h"
#include "domain/policy/policy.h"
#include "domain/session/session.h"

#include <span>
#include <string>
#include <string_view>

namespace sallyport::api {

struct BadgeForm {
    const authn::BadgeTap* tap;  // null: nothing is on the reader
    std::string_view form_token;
    std::string_view next;
    bool wrong_pin = false;
};

// Asks for the badge, looking again by itself; then greets by first name and asks for the PIN.
[[nodiscard]] std::string badge_page(const BadgeForm& form);

struct OwnBadgePage {
    const session::Session& session;
    const policy::Policy& policy;
    Time now;
    bool at_reader;              // this browser is at a workstation with a badge reader
    const authn::BadgeTap* tap;  // null: nothing is on the reader
    std::span<const authn::OwnBadge> badges;
};

// Binds the card on the reader, and changes PINs.
[[nodiscard]] std::string own_badge_page(const OwnBadgePage& shown);

}  // namespace sallyport::api
