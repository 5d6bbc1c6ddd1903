#include "edge/http/http1_codec.h"

#include "edge/http/beast_reader.h"
#include "edge/http/chunk_lines.h"
#include "edge/http/framing.h"
#include "edge/http/head_check.h"

#include <boost/asio/buffer.hpp>

#include <algorithm>

namespace sallyport::http {

namespace {

constexpr int interim_answers_max = 8;
// Used bytes are dropped from the front of the buffer when at least this many have gathered.
constexpr std::size_t compact_size_min = std::size_t{64} * 1024;

template <bool IsRequest>
using Event = std::conditional_t<IsRequest, RequestEvent, ResponseEvent>;

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
            // Not for CONNECT: what refuses a tunnel has a body like any other answer.
            if (method_ == "HEAD") reader_->skip(true);
        }
        boost::beast::error_code error;
        const auto used = reader_->put(boost::asio::buffer(raw.data(), raw.size()), error);
        if (error || used != raw.size() || !reader_->is_header_done()) {
            return beast_refused(error, reader_->head().headers);
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
            // Up to the limit and then refused, however the bytes came in.
            const auto room = limits_.body_size_max - std::min(body_size_, limits_.body_size_max);
            bytes = bytes.substr(0, std::max<std::uint64_t>(room, 1));
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

        SP_TRY(const auto end, find_chunk_line_end(bytes, lead.size(), limits_));
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
            SP_TRY(const auto trailers_end, find_trailers_end(bytes, *end, limits_));
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

    // All of `bytes` must be to Beast's liking: where it and we differ, we refuse.
    Result<void> put(std::string_view bytes) {
        boost::beast::error_code error;
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
    std::optional<BeastReader<IsRequest>> reader_;
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
