#pragma once
// What a device says of itself, found in its answer. The answer is a stranger's: it is read within
// bounds, and what is not plainly there is not there.

#include "base/core/result.h"
#include "domain/directory/device.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace sallyport::directory {

inline constexpr std::size_t reading_answer_size_max = 64UZ << 10;  // bytes of JSON
inline constexpr std::size_t reading_value_size_max = 200;
inline constexpr std::size_t pointer_size_max = 200;

// RFC 6901 §3, of at least one step.
[[nodiscard]] bool is_pointer(std::string_view text) noexcept;

// The text, number or truth value at `pointer` ("false", "12.5"). Refuses invalid
// "device.reading_malformed": no JSON object, too large, doubled members, nothing there, an object,
// a list or null, a text that is empty, too long or not printable ASCII.
[[nodiscard]] Result<std::string> value_at(std::string_view json, std::string_view pointer);

// Whether what was read says that nobody is being treated.
[[nodiscard]] bool is_stopped(const TherapyRule& rule, std::string_view value);

}  // namespace sallyport::directory
