#include "edge/api/paging.h"

#include "edge/http/message.h"

#include <algorithm>
#include <cstdint>

namespace sallyport::api {

Result<std::size_t> rows_wanted(const Input& input) {
    if (input.text("count").empty()) return store::page_rows_default;
    SP_TRY(const auto count, input.integer("count"));
    constexpr auto count_max = static_cast<std::int64_t>(store::page_rows_max);
    return static_cast<std::size_t>(std::clamp<std::int64_t>(count, 1, count_max));
}

Html next_page_link(
    std::string_view path,
    const Input& input,
    std::initializer_list<std::string_view> conditions,
    const std::optional<std::string>& next,
    const Text& label
) {
    if (!next) return {};
    auto address = std::string(path) + "?after=" + *next;
    for (const auto name : conditions) {
        const auto value = input.text(name);
        if (value.empty()) continue;
        address += '&';
        address += name;
        address += '=' + http::percent_encoded(value);
    }
    return Html("<p><a href=\"", address, "\">", label, "</a></p>");
}

}  // namespace sallyport::api
