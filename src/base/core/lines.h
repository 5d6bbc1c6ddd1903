#pragma once
// Text by its lines.

#include <string_view>
#include <vector>

namespace sallyport {

// Without their '\n'; what follows the last one is a line unless it is empty.
[[nodiscard]] inline std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = text.find('\n');
        lines.push_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

}  // namespace sallyport
