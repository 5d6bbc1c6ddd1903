#pragma once
// Places that ui/ fills by script (ui/src/console.ts): the frame is ours, what is inside is read
// from the API.

#include "edge/api/pages/html.h"

#include <string_view>

namespace sallyport::api {

// The place for a view of console.ts, and for whoever has no scripts the path that says the same.
[[nodiscard]] Html console_view(std::string_view view, std::string_view api_path);

// What the head of a page with views needs.
[[nodiscard]] Html console_head();

// Served at /ui/console.js and /ui/console.css.
[[nodiscard]] std::string_view console_script() noexcept;
[[nodiscard]] std::string_view console_style() noexcept;

}  // namespace sallyport::api
