#include "apps/sallyport/print.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>

namespace sallyport::cli {

namespace {

std::string shown(const nlohmann::json& row, std::string_view name) {
    const auto found = row.find(name);
    if (found == row.end() || found->is_null()) return "";
    return harmless(found->is_string() ? found->get<std::string>() : found->dump());
}

}  // namespace

std::string harmless(std::string text) {
    std::ranges::replace_if(text, [](unsigned char c) { return c < ' ' || c == 0x7f; }, '?');
    return text;
}

void print_list(
    const nlohmann::json& rows, const std::vector<std::string_view>& columns, bool as_json
) {
    if (as_json) {
        std::cout << rows.dump(2) << '\n';
        return;
    }
    std::vector<std::size_t> widths;
    for (const auto& column : columns) {
        std::size_t width = column.size();
        for (const auto& row : rows) {
            width = std::max(width, shown(row, column).size());
        }
        widths.push_back(width);
    }
    for (std::size_t i = 0; i < columns.size(); ++i) {
        std::cout << fmt::format("{:<{}}  ", columns[i], widths[i]);
    }
    std::cout << '\n';
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < columns.size(); ++i) {
            std::cout << fmt::format("{:<{}}  ", shown(row, columns[i]), widths[i]);
        }
        std::cout << '\n';
    }
}

void print_object(const nlohmann::json& object, bool as_json) {
    if (as_json) {
        std::cout << object.dump(2) << '\n';
        return;
    }
    for (const auto& [name, value] : object.items()) {
        std::cout << fmt::format("{:<18} {}\n", name, shown(object, name));
    }
}

}  // namespace sallyport::cli
