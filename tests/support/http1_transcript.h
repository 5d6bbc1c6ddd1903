#pragma once
// For tests and fuzz targets: what a parser said of some bytes, as one text. Header-only, so that
// both link it without a library of its own.

#include "edge/http/http1_codec.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sallyport::test {

namespace detail {

inline std::string framing_text(const http::Framing& framing) {
    switch (framing.kind) {
        case http::Framing::none:
            return "none";
        case http::Framing::length:
            return "length " + std::to_string(framing.size);
        case http::Framing::chunked:
            return "chunked";
        case http::Framing::until_close:
            return "until-close";
    }
    return "?";
}

inline std::string fields_text(const http::Headers& headers) {
    std::string text;
    for (const auto& [name, value] : headers.fields()) {
        text += "|" + name + "=" + value;
    }
    return text;
}

inline std::string head_text(const http::RequestHead& head) {
    return head.method + " " + head.target + " " + std::to_string(head.version) + " [" +
           framing_text(head.framing) + (head.keep_alive ? " keep" : "") +
           (head.upgrade ? " upgrade" : "") + (head.expects_continue ? " continue" : "") + "]" +
           fields_text(head.headers);
}

inline std::string head_text(const http::ResponseHead& head) {
    return std::to_string(head.status) + " " + head.reason + " " + std::to_string(head.version) +
           " [" + framing_text(head.framing) + (head.keep_alive ? " keep" : "") + "]" +
           fields_text(head.headers);
}

template <class Head, class Parser, class OnEnd>
class Scribe {
public:
    Scribe(Parser& parser, OnEnd on_end) : parser_(parser), on_end_(std::move(on_end)) {}

    // Until the parser wants more bytes or refuses; false if it refused.
    bool drain(bool at_end) {
        for (;;) {
            auto event = at_end ? parser_.finish() : parser_.next();
            if (!event) {
                line("refused " + std::string(event.error().reason));
                return false;
            }
            if (std::holds_alternative<http::NeedMore>(*event)) return true;
            if (const auto* const body = std::get_if<http::Body>(&*event)) {
                body_ += body->bytes;
                continue;
            }
            if (const auto* const head = std::get_if<Head>(&*event)) {
                line(head_text(*head));
                continue;
            }
            line("end");
            if (!on_end_()) return true;
        }
    }

    std::string take() {
        line("");
        return std::move(text_);
    }

private:
    void line(const std::string& what) {
        if (!body_.empty()) text_ += "body " + std::exchange(body_, {}) + "\n";
        if (!what.empty()) text_ += what + "\n";
    }

    Parser& parser_;
    OnEnd on_end_;
    std::string text_;
    std::string body_;
};

template <class Drain, class Parser>
bool feed_in_pieces(
    std::string_view bytes, const std::vector<std::size_t>& cuts, Parser& parser, Drain drain
) {
    for (const auto cut : cuts) {
        const auto size = std::min(cut, bytes.size());
        parser.feed(bytes.substr(0, size));
        bytes.remove_prefix(size);
        if (!drain()) return false;
    }
    parser.feed(bytes);
    return drain();
}

}  // namespace detail

// Heads, bodies joined, ends and the refusal, one per line. `cuts` says how many bytes each feed
// brings; what is left over comes at once. Then the sender closes.
inline std::string request_transcript(
    std::string_view bytes,
    const std::vector<std::size_t>& cuts = {},
    http::Strictness strictness = http::Strictness::toward_people,
    const http::CodecLimits& limits = {}
) {
    http::RequestParser parser(limits, strictness);
    const auto go_on = [] { return true; };
    detail::Scribe<http::RequestHead, http::RequestParser, decltype(go_on)> scribe(parser, go_on);
    const bool whole =
        detail::feed_in_pieces(bytes, cuts, parser, [&] { return scribe.drain(false); });
    if (whole) scribe.drain(true);
    return scribe.take();
}

// The same for the answers to requests of these methods, one after the other.
inline std::string response_transcript(
    std::string_view bytes,
    const std::vector<std::string>& methods,
    const std::vector<std::size_t>& cuts = {},
    http::Strictness strictness = http::Strictness::toward_devices,
    const http::CodecLimits& limits = {}
) {
    http::ResponseParser parser(limits, strictness);
    std::size_t asked = 0;
    const auto ask_next = [&] {
        if (asked < methods.size()) parser.expect_answer_to(methods[asked++]);
        return true;
    };
    ask_next();
    detail::Scribe<http::ResponseHead, http::ResponseParser, decltype(ask_next)> scribe(
        parser, ask_next
    );
    const bool whole =
        detail::feed_in_pieces(bytes, cuts, parser, [&] { return scribe.drain(false); });
    if (whole) scribe.drain(true);
    return scribe.take();
}

}  // namespace sallyport::test
