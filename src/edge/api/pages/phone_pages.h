#pragma once
// What a phone shows (assets/phone.js carries it out): becoming a phone of an account, and its
// questions. A small web app that can be put on the home screen.

#include "base/core/time.h"
#include "domain/policy/policy.h"
#include "domain/session/session.h"

#include <string>
#include <string_view>

namespace sallyport::api {

// With what a person reads about false questions before push is enabled (S1-71); its text belongs
// to authn::push_training_version.
[[nodiscard]] std::string enrol_phone_page(
    const session::Session& session, const policy::Policy& policy, Time now
);
// `sender_key`: what the browser is to subscribe with, base64url; empty: it is not asked to.
[[nodiscard]] std::string question_page(std::string_view sender_key);
// Web Application Manifest.
[[nodiscard]] std::string_view phone_manifest() noexcept;
[[nodiscard]] std::string_view phone_icon() noexcept;

}  // namespace sallyport::api
