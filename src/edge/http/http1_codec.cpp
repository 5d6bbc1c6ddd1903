#include "edge/http/http1_codec.h"

#include "edge/http/framing.h"
#include "edge/http/head_check.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <limits>

namespace sallyport::http {

namespace {

namespace beast = boost::beast;

constexpr int interim_answers_max = 8;
// Used bytes are dropped from the front of the buffer when at least this many have gathered.
constexpr std::size_t compact_size_min = std::size_t{64} * 1024;

template <bool IsRequest>
using Head = std::conditional_t<IsRequest, RequestHead, ResponseHead>;

template <bool IsRequest>
using Event = std::conditional_t<IsRequest, RequestEvent, ResponseEvent>;

// Beast's parser with its events kept: the head, and the last piece of the body as a view into
// what was put.
template <bool IsRequest>
class Reader final : public beast::http::basic_parser<IsRequest> {
public:
    Reader() {
        this->header_limit(std::numeric_limits<std::uint32_t>::max());  // HeadScanner's business
        this->body_limit(boost::none);                                  // the engine's
    }

    [[nodiscard]] Head<IsRequest>& head() noexcept { return head_; }

    [[nodiscard]] std::string_view take_piece() noexcept { return std::exchange(piece_, {}); }

    void head_done() noexcept { in_body_ = true; }

private:
    using View = beast::string_view;
    using Error = beast::error_code;

    void on_request_impl(beast::http::verb, View method, View target, int version, Error&) final {
        if constexpr (IsRequest) {
            head_.method.assign(method.data(), method.size());
            head_.target.assign(target.data(), target.size());
            head_.version = version;
        }
    }

    void on_response_impl(int status, View reason, int version, Error&) final {
        if constexpr (!IsRequest) {
            head_.status = status;
            head_.reason.assign(reason.data(), reason.size());
            head_.version = version;
        }
    }

    void on_field_impl(beast::http::field, View name, View value, Error&) final {
        if (in_body_) return;  // trailers: checked, and dropped
        head_.headers.add({name.data(), name.size()}, {value.data(), value.size()});
    }

    void on_header_impl(Error&) final {}

    void on_body_init_impl(boost::optional<std::uint64_t> const&, Error&) final {}

    std::size_t on_body_impl(View body, Error&) final {
        piece_ = {body.data(), body.size()};
        return body.size();
    }

    void on_chunk_header_impl(std::uint64_t, View, Error&) final {}

    std::size_t on_chunk_body_impl(std::uint64_t, View body, Error&) final {
        piece_ = {body.data(), body.size()};
        return body.size();
    }

    void on_finish_impl(Error&) final {}

    Head<IsRequest> head_;
    std::string_view piece_;
    bool in_body_ = false;
};

template <bool IsRequest>
class Engine {
public:
    Engine(const CodecLimits& limits, Strictness strictness)
        : limits_(limits),
          strictness_(strictness),
          scanner_(IsRequest ? MessageKind::request : MessageKind::response, strictness, limits) {}

    void expect_answer_to(std::string_view method) {
        method_ = method;
        awaited_ = true;
        interim_answers_ = 0;
    }

    void feed(std::string_view bytes) {
        if (used_ == buffer_.size()) {
            buffer_.clear();
            used_ = 0;
        } else if (used_ >= compact_size_min) {
            buffer_.erase(0, used_);
            used_ = 0;
        }
        buffer_ += bytes;
    }

    Result<Event<IsRequest>> next() {
        return remembered([this] { return step(); });
    }

    Result<Event<IsRequest>> finish() {
        return remembered([this] { return step_at_end(); });
    }

    [[nodiscard]] bool between_messages() const noexcept {
        return phase_ == Phase::head && unread().empty();
    }

    [[nodiscard]] std::string_view unread() const noexcept {
        return std::string_view(buffer_).substr(used_);
    }

    std::string take_rest() {
        std::string rest(unread());
        buffer_.clear();
        used_ = 0;
        return rest;
    }

    void set_body_size_max(std::uint64_t size_max) { limits_.body_size_max = size_max; }

private:
    enum class Phase : std::uint8_t {
        head,
        body_begin,
        body_length,
        body_until_close,
        chunk_line,
        chunk_data,
        end,
        switched,  // no HTTP any more
    };

    // A refusal is final: the stream's framing is lost.
    template <class Step>
    Result<Event<IsRequest>> remembered(Step step) {
        if (refused_) return std::unexpected(*refused_);
        auto event = step();
        if (!event) refused_ = event.error();
        return event;
    }

    Result<Event<IsRequest>> step() {
        for (;;) {
            switch (phase_) {
                case Phase::head:
                    return read_head();
                case Phase::body_begin:
                    SP_CHECK(begin_body());
                    break;
                case Phase::body_length:
                case Phase::body_until_close:
                case Phase::chunk_data:
                    return read_data();
                case Phase::chunk_line: {
                    SP_TRY(const bool whole, read_chunk_line());
                    if (!whole) return NeedMore{};
                    break;
                }
                case Phase::end:
                    phase_ = Phase::head;
                    awaited_ = false;
                    return End{};
                case Phase::switched:
                    return NeedMore{};
            }
        }
    }

    Result<Event<IsRequest>> step_at_end() {
        if (phase_ == Phase::body_begin) SP_CHECK(begin_body());
        if (phase_ == Phase::body_until_close && unread().empty()) phase_ = Phase::end;
        if (phase_ == Phase::end) return step();
        const bool quiet = between_messages() && (IsRequest || !awaited_);
        if (quiet || phase_ == Phase::switched) return NeedMore{};
        return refuse(Refusal::invalid, "http.truncated");
    }

    Result<Event<IsRequest>> read_head() {
        if constexpr (IsRequest) {
            // One empty line before a request is forgiven (RFC 9112 §2.2).
            if (!blank_skipped_ && unread().starts_with("\r\n")) {
                used_ += 2;
                blank_skipped_ = true;
            }
            if (!blank_skipped_ && unread() == "\r") return NeedMore{};
        } else {
            if (unread().empty()) return NeedMore{};
            if (!awaited_) return refuse(Refusal::invalid, "http.unsolicited_answer");
        }
        SP_TRY(const auto size, scanner_.scan(unread()));
        if (!size) return NeedMore{};

        SP_TRY(auto head, parse_head(unread().substr(0, *size)));
        used_ += *size;
        scanner_.reset();
        blank_skipped_ = false;
        body_size_ = 0;
        SP_CHECK(enter_body(head));
        return Event<IsRequest>(std::move(head));
    }

    Result<Head<IsRequest>> parse_head(std::string_view raw) {
        std::string mended;
        if (strictness_ == Strictness::toward_devices) {
            mended = mended_head(raw);
            raw = mended;
        }
        constexpr auto kind = IsRequest ? MessageKind::request : MessageKind::response;
        SP_CHECK(check_head(raw, kind, limits_.fields_max));

        reader_.emplace();
        if constexpr (!IsRequest) {
            if (method_ == "HEAD" || method_ == "CONNECT") reader_->skip(true);
        }
        beast::error_code error;
        const auto used = reader_->put(boost::asio::buffer(raw.data(), raw.size()), error);
        if (error || used != raw.size() || !reader_->is_header_done()) {
            return beast_refused(error);
        }
        reader_->head_done();
        auto head = std::move(reader_->head());
        if constexpr (IsRequest) {
            SP_CHECK(derive_request_framing(head));
        } else {
            SP_CHECK(derive_response_framing(head, method_));
        }
        return head;
    }

    // Beast judges framing fields as it meets them; said in our words.
    std::unexpected<Refusal> beast_refused(beast::error_code code) {
        using beast::http::error;
        const auto& headers = reader_->head().headers;
        const bool length =
            code == error::bad_content_length || code == error::multiple_content_length;
        const bool coding = code == error::bad_transfer_encoding;
        const bool both = (length && headers.has("Transfer-Encoding")) ||
                          (coding && headers.has("Content-Length"));
        if (both) return refuse(Refusal::invalid, "http.length_and_chunked");
        if (length) return refuse(Refusal::invalid, "http.length_malformed");
        if (coding) return refuse(Refusal::invalid, "http.transfer_encoding_unsupported");
        return refuse(Refusal::invalid, "http.field_malformed", code.message());
    }

    Result<void> enter_body(const Head<IsRequest>& head) {
        if constexpr (!IsRequest) {
            const bool tunnel = method_ == "CONNECT" && head.status / 100 == 2;
            if (head.status == 101 || tunnel) {
                phase_ = Phase::switched;
                return {};
            }
            if (head.status / 100 == 1) {
                phase_ = Phase::head;
                if (++interim_answers_ > interim_answers_max) {
                    return refuse(Refusal::invalid, "http.unsolicited_answer", "1xx without end");
                }
                return {};
            }
            if (method_ == "HEAD") {
                phase_ = Phase::end;
                return {};
            }
        }
        framing_ = head.framing;
        phase_ = Phase::body_begin;
        return {};
    }

    // Only now, so that set_body_size_max may still follow the head.
    Result<void> begin_body() {
        switch (framing_.kind) {
            case Framing::none:
                phase_ = Phase::end;
                break;
            case Framing::length:
                SP_CHECK(count_body(framing_.size));
                phase_ = framing_.size == 0 ? Phase::end : Phase::body_length;
                break;
            case Framing::chunked:
                first_chunk_ = true;
                phase_ = Phase::chunk_line;
                break;
            case Framing::until_close:
                phase_ = Phase::body_until_close;
                break;
        }
        data_left_ = framing_.size;
        return {};
    }

    Result<void> count_body(std::uint64_t size) {
        const bool fits =
            body_size_ <= limits_.body_size_max && size <= limits_.body_size_max - body_size_;
        if (!fits) return refuse(Refusal::invalid, "http.body_too_large");
        body_size_ += size;
        return {};
    }

    Result<Event<IsRequest>> read_data() {
        auto bytes = unread();
        if (bytes.empty()) return NeedMore{};
        if (phase_ == Phase::body_until_close) {
            SP_CHECK(count_body(bytes.size()));
        } else {
            bytes = bytes.substr(0, std::min<std::uint64_t>(bytes.size(), data_left_));
            data_left_ -= bytes.size();
        }
        SP_CHECK(put(bytes));
        used_ += bytes.size();
        if (phase_ == Phase::body_length && data_left_ == 0) phase_ = Phase::end;
        if (phase_ == Phase::chunk_data && data_left_ == 0) phase_ = Phase::chunk_line;
        return Body{reader_->take_piece()};
    }

    // [CRLF] size [extensions] CRLF, and for the last chunk the trailers and the blank line.
    Result<bool> read_chunk_line() {
        const auto bytes = unread();
        const std::string_view lead = first_chunk_ ? "" : "\r\n";
        const auto common = std::min(bytes.size(), lead.size());
        if (bytes.substr(0, common) != lead.substr(0, common)) {
            return refuse(Refusal::invalid, "http.chunk_malformed");
        }
        if (bytes.size() < lead.size()) return false;

        SP_TRY(const auto end, find_chunk_line_end(bytes, lead.size()));
        if (!end) return false;
        auto line = bytes.substr(lead.size(), *end - 2 - lead.size());
        if (strictness_ == Strictness::toward_devices) {
            // Some pad the size to a fixed width.
            line = line.substr(0, line.find_last_not_of(" \t") + 1);
        }
        SP_TRY(const auto size, check_chunk_line(line));

        std::string canonical(lead);
        canonical += line;
        canonical += "\r\n";
        if (size == 0) {
            SP_TRY(const auto trailers_end, find_trailers_end(bytes, *end));
            if (!trailers_end) return false;
            canonical += bytes.substr(*end, *trailers_end - *end);
            SP_CHECK(put(canonical));
            used_ += *trailers_end;
            phase_ = Phase::end;
            return true;
        }
        SP_CHECK(count_body(size));
        SP_CHECK(put(canonical));
        used_ += *end;
        data_left_ = size;
        first_chunk_ = false;
        phase_ = Phase::chunk_data;
        return true;
    }

    // The offset behind the line's CRLF.
    Result<std::optional<std::size_t>> find_chunk_line_end(
        std::string_view bytes, std::size_t begin
    ) const {
        const auto feed = bytes.find('\n', begin);
        const auto size = std::min(feed, bytes.size()) - begin;
        if (size > limits_.chunk_line_size_max) {
            return refuse(Refusal::invalid, "http.chunk_malformed", "line too long");
        }
        if (feed == std::string_view::npos) return std::optional<std::size_t>();
        if (feed == begin || bytes[feed - 1] != '\r') {
            return refuse(Refusal::invalid, "http.chunk_malformed", "bare line feed");
        }
        return std::optional(feed + 1);
    }

    // The offset behind the blank line that ends the trailers, which begin at `begin`.
    Result<std::optional<std::size_t>> find_trailers_end(std::string_view bytes, std::size_t begin)
        const {
        const auto malformed = [] { return refuse(Refusal::invalid, "http.trailers_malformed"); };
        auto line_begin = begin;
        for (;;) {
            const auto feed = bytes.find('\n', line_begin);
            if (std::min(feed, bytes.size()) - begin > limits_.trailers_size_max) {
                return malformed();
            }
            if (feed == std::string_view::npos) return std::optional<std::size_t>();
            if (feed == line_begin || bytes[feed - 1] != '\r') return malformed();
            if (feed - line_begin == 1) {
                const auto lines = bytes.substr(begin, line_begin - begin);
                SP_CHECK(check_trailers(lines, limits_.fields_max));
                return std::optional(feed + 1);
            }
            line_begin = feed + 1;
        }
    }

    // All of `bytes` must be to Beast's liking: where it and we differ, we refuse.
    Result<void> put(std::string_view bytes) {
        beast::error_code error;
        while (!bytes.empty()) {
            const auto used = reader_->put(boost::asio::buffer(bytes.data(), bytes.size()), error);
            if (error || used == 0 || (reader_->is_done() && used < bytes.size())) {
                return refuse(Refusal::invalid, "http.chunk_malformed", error.message());
            }
            bytes.remove_prefix(used);
        }
        return {};
    }

    CodecLimits limits_;
    Strictness strictness_;
    HeadScanner scanner_;
    std::optional<Reader<IsRequest>> reader_;
    std::optional<Refusal> refused_;
    std::string buffer_;
    std::size_t used_ = 0;  // of buffer_
    Phase phase_ = Phase::head;
    Framing framing_;
    std::uint64_t data_left_ = 0;  // of the body or the chunk
    std::uint64_t body_size_ = 0;  // so far
    bool first_chunk_ = true;
    bool blank_skipped_ = false;
    bool awaited_ = false;  // an answer
    int interim_answers_ = 0;
    std::string method_;
};

}  // namespace

class RequestParser::State : public Engine<true> {
    using Engine::Engine;
};

class ResponseParser::State : public Engine<false> {
    using Engine::Engine;
};

RequestParser::RequestParser(const CodecLimits& limits, Strictness strictness)
    : state_(std::make_unique<State>(limits, strictness)) {}

RequestParser::~RequestParser() = default;
RequestParser::RequestParser(RequestParser&&) noexcept = default;
RequestParser& RequestParser::operator=(RequestParser&&) noexcept = default;

void RequestParser::feed(std::string_view bytes) {
    state_->feed(bytes);
}

Result<RequestEvent> RequestParser::next() {
    return state_->next();
}

Result<RequestEvent> RequestParser::finish() {
    return state_->finish();
}

bool RequestParser::between_messages() const noexcept {
    return state_->between_messages();
}

std::size_t RequestParser::unread_size() const noexcept {
    return state_->unread().size();
}

std::string RequestParser::take_rest() {
    return state_->take_rest();
}

void RequestParser::set_body_size_max(std::uint64_t size_max) {
    state_->set_body_size_max(size_max);
}

ResponseParser::ResponseParser(const CodecLimits& limits, Strictness strictness)
    : state_(std::make_unique<State>(limits, strictness)) {}

ResponseParser::~ResponseParser() = default;
ResponseParser::ResponseParser(ResponseParser&&) noexcept = default;
ResponseParser& ResponseParser::operator=(ResponseParser&&) noexcept = default;

void ResponseParser::expect_answer_to(std::string_view method) {
    state_->expect_answer_to(method);
}

void ResponseParser::feed(std::string_view bytes) {
    state_->feed(bytes);
}

Result<ResponseEvent> ResponseParser::next() {
    return state_->next();
}

Result<ResponseEvent> ResponseParser::finish() {
    return state_->finish();
}

bool ResponseParser::between_messages() const noexcept {
    return state_->between_messages();
}

std::size_t ResponseParser::unread_size() const noexcept {
    return state_->unread().size();
}

std::string ResponseParser::take_rest() {
    return state_->take_rest();
}

void ResponseParser::set_body_size_max(std::uint64_t size_max) {
    state_->set_body_size_max(size_max);
}

}  // namespace sallyport::http
