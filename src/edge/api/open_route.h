#pragma once
// Routes for whoever has not signed in yet: a page, and what its form does in one transaction.

#include "edge/api/route.h"

#include <string_view>
#include <utility>

namespace sallyport::api {

[[nodiscard]] inline Route open_page(std::string_view path, Handler handler) {
    return {
        .method = "GET",
        .path = path,
        .access = Access::open,
        .event = "-",
        .handler = std::move(handler),
    };
}

[[nodiscard]] inline Route open_form(
    std::string_view path, std::string_view event, Handler handler
) {
    return {
        .method = "POST",
        .path = path,
        .access = Access::open,
        .event = event,
        .kind = Kind::write,
        .handler = std::move(handler),
    };
}

}  // namespace sallyport::api
