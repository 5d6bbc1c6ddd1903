#pragma once
// The few scripts of our pages, assets/NAME.js served as /assets/NAME.js; each page works without
// them where its factor allows it. Those that import are modules.

#include <string_view>

namespace sallyport::api {

// What the others share: bytes, JSON, refusals.
[[nodiscard]] std::string_view wire_script() noexcept;
// Keys that sign and stay in the browser.
[[nodiscard]] std::string_view browser_keys_script() noexcept;
// The key of a sign-in.
[[nodiscard]] std::string_view sender_key_script() noexcept;
// Signs what opens a device.
[[nodiscard]] std::string_view handoff_script() noexcept;
[[nodiscard]] std::string_view security_key_script() noexcept;
[[nodiscard]] std::string_view session_watch_script() noexcept;
// Waits for the phone's answer.
[[nodiscard]] std::string_view push_waiting_script() noexcept;
// Waits for another badge on the reader.
[[nodiscard]] std::string_view badge_waiting_script() noexcept;
// A phone's pages.
[[nodiscard]] std::string_view phone_script() noexcept;
// assets/phone_worker.js: wakes the phone when a push message comes.
[[nodiscard]] std::string_view phone_worker_script() noexcept;

}  // namespace sallyport::api
