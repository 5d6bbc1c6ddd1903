#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace sallyport::cli {

// What came from elsewhere must not drive the terminal.
[[nodiscard]] std::string harmless(std::string text);

// A list as columns wide enough for their longest value, or with `as_json` as it came. `columns`
// are the members shown, in order; their names are the headings.
void print_list(
    const nlohmann::json& rows, const std::vector<std::string_view>& columns, bool as_json
);
// One object, a member a line.
void print_object(const nlohmann::json& object, bool as_json);

}  // namespace sallyport::cli
