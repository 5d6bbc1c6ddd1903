#pragma once
// What a page shows while a phone is asked: the number to type there, then the way on. It works
// without scripts, by being asked for again; a script (assets/push_waiting.js) asks without a
// reload.

#include "domain/authn/push/push_attempt.h"
#include "edge/api/pages/html.h"

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace sallyport::api {

// `settled`: the phone has answered, or the minute is over.
[[nodiscard]] nlohmann::json to_json(const authn::PushWaiting& waiting, bool settled = false);

// `code_path`: where a code is typed instead.
[[nodiscard]] Html push_waiting(const authn::PushWaiting& waiting, std::string_view code_path);
// `fields`: the hidden ones of the form that goes to `action`.
[[nodiscard]] Html push_settled(
    const authn::PushWaiting& waiting, std::string_view action, const Html& fields
);
// For a page's head, while it waits.
[[nodiscard]] Html ask_again_soon();

}  // namespace sallyport::api
