#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::config {

// In the operator's file, counted from 1.
struct Position {
    std::size_t line = 1;
    std::size_t column = 1;

    friend auto operator<=>(const Position&, const Position&) = default;
};

struct Mistake {
    Position at;
    std::string text;

    friend auto operator<=>(const Mistake&, const Mistake&) = default;
};

// "file:line:column: text" a line, in the order of the file, each once.
[[nodiscard]] std::string to_text(std::vector<Mistake> mistakes, std::string_view file);

// The candidate that `name` was probably meant to be; empty if none is near.
[[nodiscard]] std::string_view nearest(
    std::string_view name, const std::vector<std::string_view>& candidates
);

}  // namespace sallyport::config
