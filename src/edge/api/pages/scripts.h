#pragma once
// The few scripts of our pages; each page works without them where its factor allows it.

#include <string_view>

namespace sallyport::api {

// assets/security_key.js, served at /assets/security_key.js.
[[nodiscard]] std::string_view security_key_script() noexcept;
// assets/session_watch.js, served at /assets/session_watch.js.
[[nodiscard]] std::string_view session_watch_script() noexcept;
// assets/phone.js: a phone's pages.
[[nodiscard]] std::string_view phone_script() noexcept;
// assets/phone_worker.js: wakes the phone when a push message comes.
[[nodiscard]] std::string_view phone_worker_script() noexcept;

}  // namespace sallyport::api
