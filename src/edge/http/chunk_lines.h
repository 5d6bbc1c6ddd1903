#pragma once
// Where a chunk's line and the trailers behind the last chunk end, within bounds, as far as they
// have come. Pure. RFC 9112 §7.1.

#include "base/core/result.h"
#include "edge/http/http1_codec.h"

#include <cstddef>
#include <optional>
#include <string_view>

namespace sallyport::http {

// The offset behind the CRLF of the chunk's line that begins at `begin`; none while more bytes are
// wanted. Refuses invalid "http.chunk_malformed".
[[nodiscard]] Result<std::optional<std::size_t>> find_chunk_line_end(
    std::string_view bytes, std::size_t begin, const CodecLimits& limits
);

// The offset behind the blank line that ends the trailers, which begin at `begin`; none while more
// bytes are wanted. Refuses invalid "http.trailers_malformed" and what check_trailers refuses.
[[nodiscard]] Result<std::optional<std::size_t>> find_trailers_end(
    std::string_view bytes, std::size_t begin, const CodecLimits& limits
);

}  // namespace sallyport::http
