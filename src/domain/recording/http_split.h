#pragma once
// Takes recorded HTTP/1.x bytes apart for showing: start line, fields, body without its chunking,
// and what follows the message. Lenient, since what was recorded was recorded: it never refuses,
// keeps what it could not read as body, and says so. Decides nothing about what may pass; that is
// the codec's. Pure and bounded.

#include "base/core/bytes.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport::recording {

enum class HttpSide : std::uint8_t { request, response };

struct HttpSplitLimits {
    std::size_t head_size_max = 256U << 10U;
    std::size_t body_size_max = 8U << 20U;  // more is counted and not kept
};

struct SplitMessage {
    // Of the start line: "GET", "/status", "HTTP/1.1", or "HTTP/1.1", "200", "OK".
    std::string first;
    std::string second;
    std::string third;
    std::vector<std::pair<std::string, std::string>> fields;
    std::uint64_t head_size = 0;  // with the empty line
    Bytes body;                   // without chunk framing
    std::uint64_t body_size = 0;  // as on the wire, with chunk framing
    std::uint64_t content_size = 0;
    bool complete = false;   // its end was seen
    bool malformed = false;  // the rest could not be read and is in `body` as it came
    bool unframed = false;   // the head says chunked, and the body was recorded without the framing
    bool cut = false;        // `body` is not all of it

    // The first field of that name; empty if there is none. Names compare without case.
    [[nodiscard]] std::string_view field(std::string_view name) const noexcept;
    [[nodiscard]] int status() const noexcept;  // 0 if it is none
};

class HttpSplitter {
public:
    explicit HttpSplitter(HttpSide side, const HttpSplitLimits& limits = {})
        : side_(side), limits_(limits) {}

    // An answer to HEAD has no body, whatever its fields say. Before the first byte.
    void answers_head() noexcept { answers_head_ = true; }

    // Takes the next bytes. Returns those behind the message's end: of a protocol switch, or noise.
    BytesView feed(BytesView bytes);
    // No more will come: a body that ends with the connection is complete.
    void end();

    // From here on at most this many more bytes of the body are kept. What was cut once stays cut
    // there: no later bytes are kept behind a hole.
    void keep_at_most(std::size_t more) noexcept;

    // Bytes in memory.
    [[nodiscard]] std::size_t held_size() const noexcept;

    [[nodiscard]] const SplitMessage& message() const noexcept { return message_; }

    // The answer was 101: what follows is another protocol's.
    [[nodiscard]] bool switched() const noexcept;

private:
    enum class State : std::uint8_t {
        head,
        sized,
        until_close,
        chunk_size,
        chunk_data,
        chunk_end,
        trailer,
        done,
        raw
    };

    BytesView feed_head(BytesView bytes);
    BytesView feed_line(BytesView bytes);
    void end_of_head();
    void parse_head(std::string_view head);
    void begin_body();
    void end_of_line();
    void keep(BytesView bytes);
    void keep_framed(BytesView bytes);
    void unframe();
    void give_up();

    HttpSide side_;
    HttpSplitLimits limits_;
    SplitMessage message_;
    State state_ = State::head;
    bool answers_head_ = false;
    std::string line_;  // the head, or a chunk's line, as far as it is there
    std::uint64_t left_ = 0;
    Bytes framed_;  // a chunked body as it came, until it is known to be one
    bool framed_cut_ = false;
    std::size_t body_size_max_ = limits_.body_size_max;
    std::size_t framed_size_max_ = limits_.body_size_max;
};

}  // namespace sallyport::recording
