#include "edge/http/http_date.h"

#include <fmt/chrono.h>

#include <ctime>

namespace sallyport::http {

std::string http_date_now() {
    static thread_local std::time_t shown_at = 0;
    static thread_local std::string shown;
    const auto now = std::time(nullptr);
    if (now != shown_at || shown.empty()) {
        shown = fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(now));
        shown_at = now;
    }
    return shown;
}

}  // namespace sallyport::http
