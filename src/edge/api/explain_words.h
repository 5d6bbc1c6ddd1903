#pragma once
// The sentences themselves. What a person can meet has an entry; the rest falls back on its kind.

#include <span>
#include <string_view>

namespace sallyport::api {

struct Words {
    std::string_view reason;  // Refusal::reason
    std::string_view title;   // what happened
    std::string_view remedy;  // what to do next
    int status = 0;           // HTTP, where it is not what the kind says
};

[[nodiscard]] std::span<const Words> all_words() noexcept;

}  // namespace sallyport::api
