#include "edge/api/pages/scripts.h"

namespace sallyport::api {

std::string_view wire_script() noexcept {
    return
#include "wire_script.inc"
        ;
}

std::string_view browser_keys_script() noexcept {
    return
#include "browser_keys_script.inc"
        ;
}

std::string_view sender_key_script() noexcept {
    return
#include "sender_key_script.inc"
        ;
}

std::string_view handoff_script() noexcept {
    return
#include "handoff_script.inc"
        ;
}

std::string_view security_key_script() noexcept {
    return
#include "security_key_script.inc"
        ;
}

std::string_view session_watch_script() noexcept {
    return
#include "session_watch_script.inc"
        ;
}

std::string_view push_waiting_script() noexcept {
    return
#include "push_waiting_script.inc"
        ;
}

std::string_view badge_waiting_script() noexcept {
    return
#include "badge_waiting_script.inc"
        ;
}

std::string_view phone_script() noexcept {
    return
#include "phone_script.inc"
        ;
}

std::string_view phone_worker_script() noexcept {
    return
#include "phone_worker_script.inc"
        ;
}

}  // namespace sallyport::api
