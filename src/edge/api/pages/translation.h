#pragma once
// Pages are written in English. What of a page is our own words stands between marks (html.h), and
// is said in the reader's language when the page goes out.

#include "edge/api/pages/language.h"

#include <optional>
#include <string>
#include <string_view>

namespace sallyport::api {

// Control characters that HTML has no use for, and that no text from outside brings into a page.
inline constexpr char ours_begin = '\x01';
inline constexpr char ours_end = '\x02';

// In a page: the address that it is seen at, for a link that leads back to it.
inline constexpr char address_mark = '\x03';

// The page without marks, `address_mark` replaced by `address` (percent-encoded). Each text between
// two tags, and each aria-label, that is ours and known to german() is replaced whole; what is not
// known stays English. `lang` of its first tag follows.
[[nodiscard]] std::string in_language(
    std::string_view page, Language language, std::string_view address
);

// The German for one text as it stands in our source, trimmed.
[[nodiscard]] std::optional<std::string_view> german(std::string_view english) noexcept;

}  // namespace sallyport::api
