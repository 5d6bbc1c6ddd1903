#pragma once
// Where in the text of a policy a refusal's member stands, so that whoever wrote it finds it.

#include <cstddef>
#include <optional>
#include <string_view>

namespace sallyport::policy {

struct TextPlace {
    std::size_t line = 1;  // both from 1; columns are bytes
    std::size_t column = 1;

    friend bool operator==(const TextPlace&, const TextPlace&) = default;
};

// `detail`: of a refusal of parse_policy() or propose_policy(), such as "roles[3].risk: must be
// low, ..." or "roles.engineer.purpose: is missing". The place of that member's value, or of the
// object that it is missing in. Where `text` is no JSON: of what can't be read. None if the detail
// names nothing that is in the text. Pure; never fails on a hostile text.
[[nodiscard]] std::optional<TextPlace> place_of(std::string_view text, std::string_view detail);

}  // namespace sallyport::policy
