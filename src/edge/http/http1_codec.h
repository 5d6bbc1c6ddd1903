#pragma once
// HTTP/1.1 as bytes in, events out; no socket, no clock. One codec serves server, client and
// gateway: two parsers would disagree, and disagreement is request smuggling. Beast's parser does
// the reading; our own checks of the raw bytes stand before it, since Beast is lenient in places.
// RFC 9110, RFC 9112.

#include "base/core/result.h"
#include "edge/http/message.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace sallyport::http {

// How much is forgiven. Framing that could be read in two ways is refused in either.
enum class Strictness : std::uint8_t {
    toward_people,   // RFC 9112 to the letter
    toward_devices,  // old firmware: bare LF as a line end, white space around field values, an
                     // answer without a length until the device closes
};

struct CodecLimits {
    std::size_t head_size_max = std::size_t{32} * 1024;  // request or status line and all fields
    std::size_t line_size_max =
        std::size_t{16} * 1024;  // one field; a request line ends at target_size_max
    std::size_t fields_max = 100;
    std::size_t chunk_line_size_max = 256;  // size and extensions
    std::size_t trailers_size_max = std::size_t{4} * 1024;
    std::uint64_t body_size_max = std::uint64_t{1024} * 1024;  // over it: "http.body_too_large"
};

// How the end of a body is known.
struct Framing {
    enum Kind : std::uint8_t { none, length, chunked, until_close };

    Kind kind = none;
    std::uint64_t size = 0;  // for `length`

    friend bool operator==(const Framing&, const Framing&) = default;
};

struct RequestHead {
    std::string method;
    std::string target;  // as received
    int version = 11;    // 10 or 11
    Headers headers;
    Framing framing;         // derived from the fields; what the serialiser sends must agree
    bool keep_alive = true;  // what the sender allows
    bool upgrade = false;    // Connection: upgrade, with an Upgrade field
    bool expects_continue = false;
};

struct ResponseHead {
    int status = 200;
    std::string reason;
    int version = 11;
    Headers headers;
    // For the answer to HEAD: what the answer to GET would have; no body follows it.
    Framing framing;
    bool keep_alive = true;
};

struct NeedMore {};  // everything fed was used; feed more

struct Body {
    std::string_view bytes;  // decoded, never empty; good until the next call on the parser
};

struct End {};  // the message is complete; what follows belongs to the next one

using RequestEvent = std::variant<NeedMore, RequestHead, Body, End>;
using ResponseEvent = std::variant<NeedMore, ResponseHead, Body, End>;

// Reasons, all invalid: "http.request_line_malformed" "http.status_line_malformed"
// "http.version_unsupported" "http.line_ending" "http.field_malformed" "http.field_folded"
// "http.host_missing" "http.host_malformed" "http.head_too_large" "http.too_many_fields"
// "http.target_too_long" "http.length_and_chunked" "http.length_malformed"
// "http.transfer_encoding_unsupported" "http.chunk_malformed" "http.body_too_large"
// "http.trailers_malformed" "http.truncated" "http.unsolicited_answer" "http.expectation_unknown".
// After a refusal the stream can't be trusted any more: answer, close. status_of() has the answer.

// Requests of one connection, one after the other.
//
//     parser.feed(bytes);
//     for (;;) {
//         SP_CO_TRY(auto event, parser.next());
//         if (std::holds_alternative<NeedMore>(event)) { read more, feed, go on }
//
// After End, next() goes on with the next request; don't call it while an upgrade is undecided,
// but take_rest().
class RequestParser {
public:
    explicit RequestParser(
        const CodecLimits& limits = {}, Strictness strictness = Strictness::toward_people
    );
    ~RequestParser();
    RequestParser(RequestParser&&) noexcept;
    RequestParser& operator=(RequestParser&&) noexcept;
    RequestParser(const RequestParser&) = delete;
    RequestParser& operator=(const RequestParser&) = delete;

    void feed(std::string_view bytes);
    [[nodiscard]] Result<RequestEvent> next();
    // The sender closed. Refuses "http.truncated" inside a message.
    [[nodiscard]] Result<RequestEvent> finish();
    // True before the first byte of a message.
    [[nodiscard]] bool between_messages() const noexcept;
    // Bytes fed and not yet used.
    [[nodiscard]] std::size_t unread_size() const noexcept;
    // The same bytes, taken away: after an upgrade they are not HTTP.
    [[nodiscard]] std::string take_rest();
    // For the message in progress or the next: the limit of a site or a device profile.
    void set_body_size_max(std::uint64_t size_max);

private:
    class State;
    std::unique_ptr<State> state_;
};

// Answers of one connection. Each must be expected before its bytes are read: only the request
// tells whether there is a body. Interim answers (1xx but 101) come as a ResponseHead with framing
// none and no End, and the final one follows. After the head of a 101 or of a 2xx to CONNECT come
// no more events; take_rest() has the first bytes of the other protocol.
class ResponseParser {
public:
    explicit ResponseParser(
        const CodecLimits& limits = {}, Strictness strictness = Strictness::toward_devices
    );
    ~ResponseParser();
    ResponseParser(ResponseParser&&) noexcept;
    ResponseParser& operator=(ResponseParser&&) noexcept;
    ResponseParser(const ResponseParser&) = delete;
    ResponseParser& operator=(const ResponseParser&) = delete;

    // At most one answer is awaited at a time.
    void expect_answer_to(std::string_view method);
    void feed(std::string_view bytes);
    [[nodiscard]] Result<ResponseEvent> next();
    // The sender closed, and next() asked for more: End for a body until close, refusal
    // "http.truncated" inside anything else.
    [[nodiscard]] Result<ResponseEvent> finish();
    [[nodiscard]] bool between_messages() const noexcept;
    [[nodiscard]] std::size_t unread_size() const noexcept;
    [[nodiscard]] std::string take_rest();
    void set_body_size_max(std::uint64_t size_max);

private:
    class State;
    std::unique_ptr<State> state_;
};

// The head's bytes with the blank line. Content-Length, Transfer-Encoding are written from
// `framing` and those in `headers` are left out, so that framing has one source. Throws Fault if a
// name, a value, the method, the target or the reason could break out of its line.
[[nodiscard]] std::string serialise(const RequestHead& head);
// A framing of `none` writes Content-Length: 0 unless the status (1xx, 204, 304) forbids it;
// for the answer to HEAD set `bodiless`, which keeps the Content-Length of `framing`.
enum class AnswerTo : std::uint8_t { other, head };
[[nodiscard]] std::string serialise(const ResponseHead& head, AnswerTo request = AnswerTo::other);

// "1f\r\n" before a chunk of 31 bytes; "\r\n" follows the chunk.
[[nodiscard]] std::string chunk_line(std::size_t size);
inline constexpr std::string_view chunk_end = "\r\n";
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

// A status may have no body whatever the fields say (1xx, 204, 304).
[[nodiscard]] bool status_has_body(int status) noexcept;
// The standard phrase; empty if unknown.
[[nodiscard]] std::string_view reason_phrase(int status) noexcept;
// The answer to a request that a parser or parse_target refused: 400, 413, 414, 431, 501 or 505.
[[nodiscard]] int status_of(const Refusal& refusal) noexcept;

}  // namespace sallyport::http
