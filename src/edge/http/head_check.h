#pragma once
// Our strictness around Beast's parser: the raw bytes of a head, of chunk lines and of trailers
// are checked before it sees them. Pure functions. RFC 9112 §2 to §7.

#include "base/core/result.h"
#include "edge/http/http1_codec.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::http {

enum class MessageKind : std::uint8_t { request, response };

// Finds the end of a head, byte after byte, so that the same bytes give the same answer however
// they arrived: whichever limit or bad line end comes first in the bytes is what is refused.
class HeadScanner {
public:
    HeadScanner(MessageKind kind, Strictness strictness, const CodecLimits& limits)
        : kind_(kind), strictness_(strictness), limits_(limits) {}

    // `bytes` is all there is of the message so far. The size of the head with its blank line.
    [[nodiscard]] Result<std::optional<std::size_t>> scan(std::string_view bytes);

    void reset() noexcept { line_begin_ = scanned_ = 0; }

private:
    [[nodiscard]] Result<void> check_size(std::size_t reached) const;

    MessageKind kind_;
    Strictness strictness_;
    CodecLimits limits_;
    std::size_t line_begin_ = 0;
    std::size_t scanned_ = 0;
};

// A whole head, line ends CRLF, blank line included.
[[nodiscard]] Result<void> check_head(
    std::string_view head, MessageKind kind, std::size_t fields_max
);

// What a device sent, in the form that check_head asks for: CRLF for bare LF, folded lines joined,
// no space before a colon, a space after a status code without a phrase.
[[nodiscard]] std::string mended_head(std::string_view head);

// A chunk's line without its CRLF: its size.
[[nodiscard]] Result<std::uint64_t> check_chunk_line(std::string_view line);

// The field lines after the last chunk, each with its CRLF, without the blank line.
[[nodiscard]] Result<void> check_trailers(std::string_view lines, std::size_t fields_max);

}  // namespace sallyport::http
