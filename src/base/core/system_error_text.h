#pragma once

#include <string>
#include <system_error>

namespace sallyport {

// What the system says of an errno: "Permission denied". (strerror is not thread-safe.)
[[nodiscard]] inline std::string system_error_text(int error) {
    return std::generic_category().message(error);
}

}  // namespace sallyport
