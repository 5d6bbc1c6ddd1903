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

std::string numbered_placeholders(std::string_view sql) {
    std::string out;
    out.reserve(sql.size() + 16);
    int number = 0;
    while (!sql.empty()) {
        if (sql.front() == '?') {
            out += '$';
            out += std::to_string(++number);
            sql.remove_prefix(1);
            continue;
        }
        const auto size = std::max<std::size_t>(1, verbatim_size(sql));
        out += sql.substr(0, size);
        sql.remove_prefix(size);
    }
    return out;
}

}  // namespace sallyport::store::postgres
