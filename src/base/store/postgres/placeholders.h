#pragma once

#include <string>
#include <string_view>

namespace sallyport::store::postgres {

struct NumberedSql {
    std::string text;
    int placeholders = 0;
};

// Our `?` as PostgreSQL's `$1`, `$2`, …, except in quotes, quoted identifiers and comments.
[[nodiscard]] NumberedSql numbered_placeholders(std::string_view sql);

}  // namespace sallyport::store::postgres
