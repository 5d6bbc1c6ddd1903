#include "base/core/fault.h"
#include "edge/http/ascii.h"
#include "edge/http/http1_codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace sallyport::http {

namespace {

constexpr std::size_t usual_head_size = 512;

// What is about to be sent comes from our own code; if it could break out of its line, that is a
// bug or an attack on one, and nothing is sent.
void require(bool harmless, std::string_view what) {
    if (!harmless) throw Fault(fmt::format("refused to serialise an HTTP message: {}", what));
}

bool frames_message(std::string_view name) {
    return same_field_name(name, "Content-Length") || same_field_name(name, "Transfer-Encoding");
}

void append_fields(std::string& out, const Headers& headers) {
    for (const auto& [name, value] : headers.fields()) {
        if (frames_message(name)) continue;
        require(is_token(name), "a field name is no token");
        require(is_field_text(value), "a field value holds a control byte");
        out += name;
        out += ": ";
        out += value;
        out += "\r\n";
    }
}

void append_framing(std::string& out, const Framing& framing) {
    if (framing.kind == Framing::chunked) out += "Transfer-Encoding: chunked\r\n";
    if (framing.kind == Framing::length) {
        out += fmt::format("Content-Length: {}\r\n", framing.size);
    }
}

std::string_view version_text(int version) {
    return version == 10 ? "HTTP/1.0" : "HTTP/1.1";
}

}  // namespace

std::string serialise(const RequestHead& head) {
    require(is_token(head.method), "the method is no token");
    require(!head.target.empty() && is_visible(head.target), "the target");
    require(head.framing.kind != Framing::until_close, "a request without an end");

    std::string out;
    out.reserve(usual_head_size);
    fmt::format_to(
        std::back_inserter(out),
        "{} {} {}\r\n",
        head.method,
        head.target,
        version_text(head.version)
    );
    append_fields(out, head.headers);
    append_framing(out, head.framing);
    out += "\r\n";
    return out;
}

std::string serialise(const ResponseHead& head, AnswerTo request) {
    require(head.status >= 100 && head.status <= 599, "the status");
    require(is_field_text(head.reason), "the reason phrase");

    std::string out;
    out.reserve(usual_head_size);
    fmt::format_to(
        std::back_inserter(out),
        "{} {} {}\r\n",
        version_text(head.version),
        head.status,
        head.reason
    );
    append_fields(out, head.headers);
    if (status_has_body(head.status)) {
        const bool empty = head.framing.kind == Framing::none && request == AnswerTo::other;
        append_framing(out, empty ? Framing{Framing::length, 0} : head.framing);
    }
    out += "\r\n";
    return out;
}

std::string chunk_line(std::size_t size) {
    return fmt::format("{:x}\r\n", size);
}

bool status_has_body(int status) noexcept {
    return status >= 200 && status != 204 && status != 304;
}

std::string_view reason_phrase(int status) noexcept {
    struct Phrase {
        int status;
        std::string_view text;
    };

    static constexpr std::array phrases{
        Phrase{100, "Continue"},
        Phrase{101, "Switching Protocols"},
        Phrase{200, "OK"},
        Phrase{201, "Created"},
        Phrase{202, "Accepted"},
        Phrase{204, "No Content"},
        Phrase{301, "Moved Permanently"},
        Phrase{302, "Found"},
        Phrase{303, "See Other"},
        Phrase{304, "Not Modified"},
        Phrase{307, "Temporary Redirect"},
        Phrase{308, "Permanent Redirect"},
        Phrase{400, "Bad Request"},
        Phrase{401, "Unauthorized"},
        Phrase{403, "Forbidden"},
        Phrase{404, "Not Found"},
        Phrase{405, "Method Not Allowed"},
        Phrase{408, "Request Timeout"},
        Phrase{409, "Conflict"},
        Phrase{410, "Gone"},
        Phrase{413, "Content Too Large"},
        Phrase{414, "URI Too Long"},
        Phrase{415, "Unsupported Media Type"},
        Phrase{417, "Expectation Failed"},
        Phrase{421, "Misdirected Request"},
        Phrase{422, "Unprocessable Content"},
        Phrase{428, "Precondition Required"},
        Phrase{429, "Too Many Requests"},
        Phrase{431, "Request Header Fields Too Large"},
        Phrase{500, "Internal Server Error"},
        Phrase{501, "Not Implemented"},
        Phrase{502, "Bad Gateway"},
        Phrase{503, "Service Unavailable"},
        Phrase{504, "Gateway Timeout"},
        Phrase{505, "HTTP Version Not Supported"},
    };
    const auto* const found = std::ranges::find(phrases, status, &Phrase::status);
    return found == phrases.end() ? std::string_view() : found->text;
}

int status_of(const Refusal& refusal) noexcept {
    const auto is = [&](std::string_view reason) { return refusal.reason == reason; };
    if (is("http.body_too_large")) return 413;
    if (is("http.target_too_long")) return 414;
    if (is("http.expectation_unknown")) return 417;
    if (is("http.head_too_large") || is("http.too_many_fields")) return 431;
    if (is("http.transfer_encoding_unsupported")) return 501;
    if (is("http.version_unsupported")) return 505;
    return 400;
}

}  // namespace sallyport::http
