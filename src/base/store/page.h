#pragma once
// Lists that may grow without end are read a page at a time. The next page begins after the last
// row of this one, named by what the list is ordered by, a time and an id: rows that are added
// meanwhile shift nothing, and rows of one and the same time are told apart.

#include "base/core/time.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace sallyport::store {

inline constexpr std::size_t page_rows_default = 100;
inline constexpr std::size_t page_rows_max = 1000;

// A row's place in its list.
template <class IdType>
struct Place {
    Time at;
    IdType id;
};

template <class Item>
struct Page {
    std::vector<Item> rows;
    bool more = false;  // the list goes on after the last of them

    [[nodiscard]] std::size_t size() const noexcept { return rows.size(); }

    [[nodiscard]] bool empty() const noexcept { return rows.empty(); }

    [[nodiscard]] auto begin() const noexcept { return rows.begin(); }

    [[nodiscard]] auto end() const noexcept { return rows.end(); }
};

// How many rows a page has at most: what was wanted, from 1 to page_rows_max.
[[nodiscard]] constexpr std::size_t page_rows(std::size_t wanted) noexcept {
    return std::clamp<std::size_t>(wanted, 1, page_rows_max);
}

// For the query's LIMIT: the one row more tells that the list goes on.
[[nodiscard]] constexpr std::int64_t page_limit(std::size_t wanted) noexcept {
    return static_cast<std::int64_t>(page_rows(wanted)) + 1;
}

// The page that such a query's rows make.
template <class Item>
[[nodiscard]] Page<Item> page_of(std::vector<Item> rows, std::size_t wanted) {
    const bool more = rows.size() > page_rows(wanted);
    if (more) rows.pop_back();
    return {std::move(rows), more};
}

}  // namespace sallyport::store
