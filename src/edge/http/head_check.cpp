#include "edge/http/head_check.h"

#include "edge/http/ascii.h"
#include "edge/http/target.h"

#include <algorithm>

namespace sallyport::http {

namespace {

constexpr std::size_t method_size_max = 32;
constexpr std::size_t chunk_digits_max = 15;  // more can't be counted in 63 bits

std::unexpected<Refusal> bad_field(std::string detail) {
    return refuse(Refusal::invalid, "http.field_malformed", std::move(detail));
}

// Cuts the next line off; its line end must be there and must be CRLF.
Result<std::string_view> take_line(std::string_view& rest) {
    const auto end = rest.find('\n');
    if (end == std::string_view::npos || end == 0 || rest[end - 1] != '\r') {
        return refuse(Refusal::invalid, "http.line_ending");
    }
    const auto line = rest.substr(0, end - 1);
    rest.remove_prefix(end + 1);
    return line;
}

Result<void> check_version(std::string_view text, Reason malformed) {
    if (text == "HTTP/1.1" || text == "HTTP/1.0") return {};
    const bool version = text.size() == 8 && text.starts_with("HTTP/") && is_digit(text[5]) &&
                         text[6] == '.' && is_digit(text[7]);
    if (version) return refuse(Refusal::invalid, "http.version_unsupported");
    return std::unexpected(Refusal{Refusal::invalid, malformed.text, {}});
}

// method SP target SP version, single spaces (RFC 9112 §3).
Result<void> check_request_line(std::string_view line) {
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) {
        return refuse(Refusal::invalid, "http.request_line_malformed");
    }
    const auto method = line.substr(0, first);
    const auto target = line.substr(first + 1, last - first - 1);
    if (!is_token(method) || method.size() > method_size_max || !is_visible(target)) {
        return refuse(Refusal::invalid, "http.request_line_malformed");
    }
    if (target.empty()) return refuse(Refusal::invalid, "http.request_line_malformed");
    if (target.size() > target_size_max) return refuse(Refusal::invalid, "http.target_too_long");
    return check_version(line.substr(last + 1), "http.request_line_malformed");
}

// version SP 3DIGIT SP [phrase] (RFC 9112 §4).
Result<void> check_status_line(std::string_view line) {
    const auto malformed = [] { return refuse(Refusal::invalid, "http.status_line_malformed"); };
    if (line.size() < 13 || line[8] != ' ' || line[12] != ' ') return malformed();
    SP_CHECK(check_version(line.substr(0, 8), "http.status_line_malformed"));
    const auto code = line.substr(9, 3);
    if (!std::ranges::all_of(code, is_digit) || code[0] < '1' || code[0] > '5') return malformed();
    if (!is_field_text(line.substr(13))) return malformed();
    return {};
}

// token ":" OWS value OWS (RFC 9112 §5); no space before the colon, no folding.
Result<void> check_field_line(std::string_view line) {
    if (!line.empty() && is_space(line[0])) return refuse(Refusal::invalid, "http.field_folded");
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return bad_field("no colon");
    if (!is_token(line.substr(0, colon))) return bad_field("name is no token");
    if (!is_field_text(line.substr(colon + 1))) return bad_field("control byte in a value");
    return {};
}

Result<void> check_field_lines(std::string_view lines, std::size_t fields_max) {
    std::size_t fields = 0;
    while (!lines.empty()) {
        SP_TRY(const auto line, take_line(lines));
        if (++fields > fields_max) return refuse(Refusal::invalid, "http.too_many_fields");
        SP_CHECK(check_field_line(line));
    }
    return {};
}

}  // namespace

Result<void> HeadScanner::check_size(std::size_t reached) const {
    const auto line_end_max = line_begin_ + limits_.line_size_max;
    if (reached <= std::min(line_end_max, limits_.head_size_max)) return {};
    if (kind_ == MessageKind::request && line_begin_ == 0) {
        return refuse(Refusal::invalid, "http.target_too_long");
    }
    return refuse(Refusal::invalid, "http.head_too_large");
}

Result<std::optional<std::size_t>> HeadScanner::scan(std::string_view bytes) {
    for (;;) {
        const auto end = bytes.find('\n', scanned_);
        if (end == std::string_view::npos) {
            scanned_ = bytes.size();
            SP_CHECK(check_size(scanned_));
            return std::optional<std::size_t>();
        }
        scanned_ = end + 1;
        SP_CHECK(check_size(scanned_));
        const bool crlf = end > line_begin_ && bytes[end - 1] == '\r';
        if (!crlf && strictness_ == Strictness::toward_people) {
            return refuse(Refusal::invalid, "http.line_ending");
        }
        const bool blank = end - line_begin_ == (crlf ? 1U : 0U);
        const bool first = line_begin_ == 0;
        line_begin_ = scanned_;
        if (blank && !first) return std::optional(scanned_);
        if (blank) {
            return refuse(
                Refusal::invalid,
                kind_ == MessageKind::request ? Reason("http.request_line_malformed")
                                              : Reason("http.status_line_malformed")
            );
        }
    }
}

Result<void> check_head(std::string_view head, MessageKind kind, std::size_t fields_max) {
    if (!head.ends_with("\r\n\r\n")) return refuse(Refusal::invalid, "http.line_ending");
    head.remove_suffix(2);
    SP_TRY(const auto first, take_line(head));
    SP_CHECK(kind == MessageKind::request ? check_request_line(first) : check_status_line(first));
    return check_field_lines(head, fields_max);
}

std::string mended_head(std::string_view head) {
    std::string mended;
    mended.reserve(head.size() + 64);
    bool first = true;
    while (!head.empty()) {
        const auto end = std::min(head.find('\n'), head.size());
        auto line = head.substr(0, end);
        head.remove_prefix(std::min(end + 1, head.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);

        const bool folded = !first && !line.empty() && is_space(line[0]) && mended.size() > 2;
        if (folded) {
            mended.resize(mended.size() - 2);
            mended += ' ';
            mended += trimmed(line);
        } else if (const auto colon = line.find(':'); !first && colon != std::string_view::npos) {
            auto name = line.substr(0, colon);
            while (!name.empty() && is_space(name.back())) {
                name.remove_suffix(1);
            }
            mended += name;
            mended += line.substr(colon);
        } else {
            mended += line;
            if (first && line.size() == 12) mended += ' ';  // "HTTP/1.0 200"
        }
        mended += "\r\n";
        first = false;
    }
    return mended;
}

Result<std::uint64_t> check_chunk_line(std::string_view line) {
    const auto malformed = [] { return refuse(Refusal::invalid, "http.chunk_malformed"); };
    std::uint64_t size = 0;
    std::size_t digits = 0;
    for (; digits < line.size() && hex_value(line[digits]) >= 0; ++digits) {
        if (digits == chunk_digits_max) return malformed();
        size = size * 16 + static_cast<std::uint64_t>(hex_value(line[digits]));
    }
    if (digits == 0) return malformed();
    const auto extensions = line.substr(digits);
    if (!extensions.empty() && extensions[0] != ';') return malformed();
    if (!is_field_text(extensions)) return malformed();
    return size;
}

Result<void> check_trailers(std::string_view lines, std::size_t fields_max) {
    if (!check_field_lines(lines, fields_max)) {
        return refuse(Refusal::invalid, "http.trailers_malformed");
    }
    // RFC 9110 §6.5.1: what frames or routes the message has no place behind it.
    while (!lines.empty()) {
        SP_TRY(const auto line, take_line(lines));
        const auto name = line.substr(0, line.find(':'));
        for (const auto* forbidden : {"Content-Length", "Transfer-Encoding", "Host", "Trailer"}) {
            if (same_ignoring_case(name, forbidden)) {
                return refuse(Refusal::invalid, "http.trailers_malformed", forbidden);
            }
        }
    }
    return {};
}

}  // namespace sallyport::http
