#include "base/store/postgres/placeholders.h"

#include <algorithm>

namespace sallyport::store::postgres {

namespace {

// How long the part at the front is that is copied as it stands: a quoted text or identifier, a
// comment, or 0. A doubled quote reads as the end of one text and the start of the next.
std::size_t verbatim_size(std::string_view sql) {
    const auto up_to = [&](std::string_view end, std::size_t from) {
        const auto found = sql.find(end, from);
        return found == std::string_view::npos ? sql.size() : found + end.size();
    };
    if (sql.starts_with('\'')) return up_to("'", 1);
    if (sql.starts_with('"')) return up_to("\"", 1);
    if (sql.starts_with("--")) return up_to("\n", 2);
    if (sql.starts_with("/*")) return up_to("*/", 2);
    return 0;
}

}  // namespace

NumberedSql numbered_placeholders(std::string_view sql) {
    NumberedSql out;
    out.text.reserve(sql.size() + 16);
    while (!sql.empty()) {
        if (sql.front() == '?') {
            out.text += '$';
            out.text += std::to_string(++out.placeholders);
            sql.remove_prefix(1);
            continue;
        }
        const auto size = std::max<std::size_t>(1, verbatim_size(sql));
        out.text += sql.substr(0, size);
        sql.remove_prefix(size);
    }
    return out;
}

}  // namespace sallyport::store::postgres
