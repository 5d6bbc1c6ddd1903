#pragma once

#include <string>
#include <string_view>

namespace sallyport::store::postgres {

// Our `?` as PostgreSQL's `$1`, `$2`, …, except in quotes, quoted identifiers and comments.
[[nodiscard]] std::string numbered_placeholders(std::string_view sql);

}  // namespace sallyport::store::postgres
