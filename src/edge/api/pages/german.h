#pragma once
// English texts of ours and their German: keys as they stand in the source between two tags, or as
// a label, trimmed. tools/lint/german.py tells which are missing.

#include <span>
#include <string_view>

namespace sallyport::api {

struct Wording {
    std::string_view english;
    std::string_view german;
};

[[nodiscard]] std::span<const Wording> german_of_pages() noexcept;
[[nodiscard]] std::span<const Wording> german_of_refusals() noexcept;

}  // namespace sallyport::api
