#pragma once
// For tests that knock at every route of the table.

#include "edge/api/api_test_house.h"

#include <string>
#include <string_view>

namespace sallyport::api::test {

// A path of the pattern's shape that names nothing.
inline std::string some_path(std::string_view pattern) {
    std::string path;
    bool in_braces = false;
    for (const char c : pattern) {
        if (c == '{') {
            in_braces = true;
            path += "0193d8f0-0000-7000-8000-000000000000";
        } else if (c == '}') {
            in_braces = false;
        } else if (!in_braces) {
            path += c;
        }
    }
    return path;
}

inline bool is_step_up_required(const Answer& answer) {
    return answer.status == 401 && answer.json.value("reason", "") == "step_up_required";
}

}  // namespace sallyport::api::test
