#include "edge/http/chunk_lines.h"

#include "edge/http/head_check.h"

#include <algorithm>

namespace sallyport::http {

Result<std::optional<std::size_t>> find_chunk_line_end(
    std::string_view bytes, std::size_t begin, const CodecLimits& limits
) {
    const auto feed = bytes.find('\n', begin);
    const auto size = std::min(feed, bytes.size()) - begin;
    if (size > limits.chunk_line_size_max) {
        return refuse(Refusal::invalid, "http.chunk_malformed", "line too long");
    }
    if (feed == std::string_view::npos) return std::optional<std::size_t>();
    if (feed == begin || bytes[feed - 1] != '\r') {
        return refuse(Refusal::invalid, "http.chunk_malformed", "bare line feed");
    }
    return std::optional(feed + 1);
}

Result<std::optional<std::size_t>> find_trailers_end(
    std::string_view bytes, std::size_t begin, const CodecLimits& limits
) {
    const auto malformed = [] { return refuse(Refusal::invalid, "http.trailers_malformed"); };
    auto line_begin = begin;
    for (;;) {
        const auto feed = bytes.find('\n', line_begin);
        if (std::min(feed, bytes.size()) - begin > limits.trailers_size_max) return malformed();
        if (feed == std::string_view::npos) return std::optional<std::size_t>();
        if (feed == line_begin || bytes[feed - 1] != '\r') return malformed();
        if (feed - line_begin == 1) {
            const auto lines = bytes.substr(begin, line_begin - begin);
            SP_CHECK(check_trailers(lines, limits.fields_max));
            return std::optional(feed + 1);
        }
        line_begin = feed + 1;
    }
}

}  // namespace sallyport::http
