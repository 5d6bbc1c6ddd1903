#include "domain/recording/http_split.h"

#include "base/core/ascii.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace sallyport::recording {
namespace {

constexpr std::size_t chunk_line_size_max = 4096;
constexpr int switching_protocols = 101;

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blank = " \t\r";
    const auto begin = text.find_first_not_of(blank);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(blank) - begin + 1);
}

// The next line without its end; `text` goes on behind it.
std::string_view take_line(std::string_view& text) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

std::string_view take_word(std::string_view& text) {
    const auto end = text.find(' ');
    const auto word = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return word;
}

// Behind the empty line that ends a head; npos if it is not there yet. Bare LF is taken too.
std::size_t head_end(std::string_view text) {
    for (auto at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
        const auto rest = text.substr(at + 1);
        if (rest.starts_with('\n')) return at + 2;
        if (rest.starts_with("\r\n")) return at + 3;
    }
    return std::string_view::npos;
}

template <class Number>
bool read_number(std::string_view text, Number& number, int base) {
    const auto [stop, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, base);
    return error == std::errc{} && stop == text.data() + text.size() && !text.empty();
}

}  // namespace

std::string_view SplitMessage::field(std::string_view name) const noexcept {
    const auto found = std::ranges::find_if(fields, [&](const auto& field) {
        return same_ignoring_case(field.first, name);
    });
    return found == fields.end() ? std::string_view{} : std::string_view(found->second);
}

int SplitMessage::status() const noexcept {
    int status = 0;
    return read_number(second, status, 10) && status > 0 ? status : 0;
}

bool HttpSplitter::switched() const noexcept {
    return side_ == HttpSide::response && state_ == State::done &&
           message_.status() == switching_protocols;
}

BytesView HttpSplitter::feed(BytesView bytes) {
    while (!bytes.empty() && state_ != State::done) {
        switch (state_) {
            case State::head:
                bytes = feed_head(bytes);
                break;
            case State::chunk_size:
            case State::chunk_end:
            case State::trailer:
                bytes = feed_line(bytes);
                break;
            case State::sized:
            case State::chunk_data: {
                const auto size = std::min<std::uint64_t>(left_, bytes.size());
                const auto part = bytes.first(static_cast<std::size_t>(size));
                if (state_ == State::chunk_data) keep_framed(part);
                keep(part);
                message_.body_size += size;
                left_ -= size;
                bytes = bytes.subspan(part.size());
                if (left_ > 0) break;
                state_ = state_ == State::sized ? State::done : State::chunk_end;
                message_.complete = state_ == State::done;
                break;
            }
            case State::until_close:
            case State::raw:
                keep(bytes);
                message_.body_size += bytes.size();
                return {};
            case State::done:
                break;
        }
    }
    return bytes;
}

void HttpSplitter::end() {
    if (state_ == State::until_close) message_.complete = true;
    if (state_ == State::head && !line_.empty()) give_up();
    if (line_.empty()) return;
    // A line that was still coming, and is none of a chunk's.
    const auto size = trimmed(std::string_view(line_).substr(0, line_.find(';')));
    if (state_ == State::chunk_end && !trimmed(line_).empty()) unframe();
    if (state_ == State::chunk_size && !read_number(size, left_, 16)) unframe();
}

BytesView HttpSplitter::feed_head(BytesView bytes) {
    const auto before = line_.size();
    const auto room = limits_.head_size_max - before;
    const auto part = bytes.first(std::min(room, bytes.size()));
    line_ += as_text(part);
    // The end may straddle what was there before.
    const auto search_from = before < 3 ? 0 : before - 3;
    const auto found = head_end(std::string_view(line_).substr(search_from));
    if (found != std::string_view::npos) {
        const auto size = search_from + found;
        const auto used = size - before;
        line_.resize(size);
        end_of_head();
        return bytes.subspan(used);
    }
    if (line_.size() == limits_.head_size_max) {
        give_up();
    }
    return bytes.subspan(part.size());
}

void HttpSplitter::end_of_head() {
    auto head = std::exchange(line_, {});
    message_.head_size += head.size();
    std::string_view text = head;
    // A CRLF too many before a message is noise (RFC 9112 §2.2).
    while (text.starts_with("\r\n") || text.starts_with('\n')) {
        text.remove_prefix(text.front() == '\r' ? 2 : 1);
    }
    if (text.empty()) return;
    parse_head(text);
    const auto status = message_.status();
    const bool interim = side_ == HttpSide::response && status >= 100 && status < 200;
    if (interim && status != switching_protocols) {
        message_.first.clear();
        message_.second.clear();
        message_.third.clear();
        message_.fields.clear();
        return;
    }
    begin_body();
}

void HttpSplitter::parse_head(std::string_view head) {
    auto line = take_line(head);
    message_.first = take_word(line);
    message_.second = take_word(line);
    message_.third = line;
    while (!head.empty()) {
        const auto field = take_line(head);
        if (field.empty()) continue;
        const auto colon = field.find(':');
        if (colon == std::string_view::npos) {
            message_.malformed = true;
            continue;
        }
        message_.fields.emplace_back(
            trimmed(field.substr(0, colon)), trimmed(field.substr(colon + 1))
        );
    }
}

// RFC 9112 §6.3, as far as showing needs it.
void HttpSplitter::begin_body() {
    const auto status = message_.status();
    const bool bodiless =
        side_ == HttpSide::response &&
        (answers_head_ || status == switching_protocols || status == 204 || status == 304);
    const auto coding = message_.field("transfer-encoding");
    const auto length = message_.field("content-length");
    if (bodiless) {
        state_ = State::done;
    } else if (!coding.empty()) {
        const bool chunked =
            same_ignoring_case(trimmed(coding.substr(coding.rfind(',') + 1)), "chunked");
        state_ = chunked ? State::chunk_size : State::until_close;
    } else if (!length.empty()) {
        if (!read_number(length, left_, 10)) {
            message_.malformed = true;
            state_ = State::raw;
            return;
        }
        state_ = left_ == 0 ? State::done : State::sized;
    } else {
        state_ = side_ == HttpSide::request ? State::done : State::until_close;
    }
    message_.complete = state_ == State::done;
}

BytesView HttpSplitter::feed_line(BytesView bytes) {
    const auto text = as_text(bytes);
    const auto end = text.find('\n');
    const auto size = end == std::string_view::npos ? text.size() : end + 1;
    line_ += text.substr(0, size);
    message_.body_size += size;
    keep_framed(bytes.first(size));
    if (end != std::string_view::npos) {
        end_of_line();
    } else if (line_.size() > chunk_line_size_max) {
        unframe();
    }
    return bytes.subspan(size);
}

void HttpSplitter::end_of_line() {
    const auto whole = std::exchange(line_, {});
    const auto line = trimmed(std::string_view(whole).substr(0, whole.size() - 1));
    if (state_ == State::trailer) {
        if (!line.empty()) return;
        state_ = State::done;
        message_.complete = true;
        Bytes().swap(framed_);
        return;
    }
    if (state_ == State::chunk_end) {
        line.empty() ? void(state_ = State::chunk_size) : unframe();
        return;
    }
    if (!read_number(trimmed(line.substr(0, line.find(';'))), left_, 16)) {
        unframe();
        return;
    }
    state_ = left_ == 0 ? State::trailer : State::chunk_data;
}

// All of the body was what we took for chunks: it was recorded decoded.
void HttpSplitter::unframe() {
    line_.clear();
    message_.unframed = true;
    message_.body = std::exchange(framed_, {});
    message_.content_size = message_.body_size;
    message_.cut = framed_cut_;
    body_size_max_ = framed_size_max_;
    state_ = State::until_close;
}

namespace {

// Appends what there is room for; false if that was not all, or there was no room before.
bool append_within(Bytes& to, BytesView bytes, std::size_t size_max, bool cut_before) {
    const auto room = cut_before || to.size() > size_max ? 0 : size_max - to.size();
    const auto kept = bytes.first(std::min(room, bytes.size()));
    to.insert(to.end(), kept.begin(), kept.end());
    return kept.size() == bytes.size();
}

}  // namespace

void HttpSplitter::keep_framed(BytesView bytes) {
    if (!append_within(framed_, bytes, framed_size_max_, framed_cut_)) framed_cut_ = true;
}

void HttpSplitter::keep(BytesView bytes) {
    message_.content_size += bytes.size();
    if (!append_within(message_.body, bytes, body_size_max_, message_.cut)) message_.cut = true;
}

void HttpSplitter::keep_at_most(std::size_t more) noexcept {
    const auto room = std::min(more, limits_.body_size_max);  // the sums can't overflow
    body_size_max_ = std::min(limits_.body_size_max, message_.body.size() + room);
    framed_size_max_ = std::min(limits_.body_size_max, framed_.size() + room);
}

std::size_t HttpSplitter::held_size() const noexcept {
    return line_.size() + framed_.size() + message_.body.size() +
           static_cast<std::size_t>(message_.head_size);
}

// What was collected of a head and all that follows is body, as it came.
void HttpSplitter::give_up() {
    const auto rest = std::exchange(line_, {});
    message_.malformed = true;
    message_.body_size += rest.size();
    state_ = State::raw;
    keep(as_bytes(rest));
}

}  // namespace sallyport::recording
