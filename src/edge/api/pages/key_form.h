#pragma once
// Forms that a script carries out with a security key; hidden where there is none
// (assets/security_key.js).

#include "edge/api/pages/html.h"

#include <cstdint>
#include <string_view>

namespace sallyport::api {

enum class KeyCeremony : std::uint8_t {
    assertion,
    assertion_while_typing,  // also offered in the field for the name (conditional mediation)
    registration,
    enrolment,  // a registration whose answer is sent as the form itself
};

// `inside`: what the form has beside its button.
[[nodiscard]] Html key_form(
    KeyCeremony ceremony, std::string_view action, const Text& button, const Html& inside
);

}  // namespace sallyport::api
