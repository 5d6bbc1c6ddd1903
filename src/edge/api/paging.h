#pragma once
// Lists are answered a page at a time (base/store/page.h): `count` rows of them, and `next` where
// there are more, which whoever wants to go on sends as `after`. A page for people has a link.

#include "base/store/page.h"
#include "edge/api/input.h"
#include "edge/api/pages/html.h"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::api {

// `count`, brought between 1 and store::page_rows_max; store::page_rows_default if it is absent.
// Refuses invalid "input.number_malformed".
[[nodiscard]] Result<std::size_t> rows_wanted(const Input& input);

// `next` for a page of rows whose ids `id_of` tells: the last one's. None where the list ends.
template <class Item, class IdOf>
[[nodiscard]] std::optional<std::string> next_of(const store::Page<Item>& page, IdOf id_of) {
    if (!page.more) return std::nullopt;
    return id_of(page.rows.back()).text();
}

// Below a table at `path`: the link that goes on after it, under the same `conditions` (names of
// members); nothing where there is no `next`.
[[nodiscard]] Html next_page_link(
    std::string_view path,
    const Input& input,
    std::initializer_list<std::string_view> conditions,
    const std::optional<std::string>& next,
    const Text& label
);

}  // namespace sallyport::api
