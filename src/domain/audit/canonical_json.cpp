#include "domain/audit/canonical_json.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace sallyport::audit {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view hex_digits = "0123456789abcdef";

bool continues(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

// The size of the well-formed character at the front of `text` (Unicode 15 table 3-7), or 0.
std::size_t character_size(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    if (lead < 0x80) return 1;
    const auto size = lead >= 0xF0 ? 4U : lead >= 0xE0 ? 3U : 2U;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return 0;
    const auto second = static_cast<unsigned char>(text[1]);
    const auto low = lead == 0xE0 ? 0xA0U : lead == 0xF0 ? 0x90U : 0x80U;
    const auto high = lead == 0xED ? 0x9FU : lead == 0xF4 ? 0x8FU : 0xBFU;
    if (second < low || second > high) return 0;
    for (std::size_t i = 2; i < size; ++i) {
        if (!continues(text[i])) return 0;
    }
    return size;
}

// RFC 8785 §3.2.2.2: the two-character escapes where JSON has them.
char short_escape(char c) {
    switch (c) {
        case '\b':
            return 'b';
        case '\t':
            return 't';
        case '\n':
            return 'n';
        case '\f':
            return 'f';
        case '\r':
            return 'r';
        case '"':
            return '"';
        case '\\':
            return '\\';
        default:
            return '\0';
    }
}

char unescaped(char c) {
    switch (c) {
        case 'b':
            return '\b';
        case 't':
            return '\t';
        case 'n':
            return '\n';
        case 'f':
            return '\f';
        case 'r':
            return '\r';
        case '"':
            return '"';
        case '\\':
            return '\\';
        default:
            return '\0';
    }
}

bool plain(char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        if (plain(c)) {
            out += c;
        } else if (const char letter = short_escape(c); letter != '\0') {
            out += '\\';
            out += letter;
        } else {
            out += "\\u00";
            out += hex_digits[static_cast<unsigned char>(c) >> 4U];
            out += hex_digits[static_cast<unsigned char>(c) & 0x0FU];
        }
    }
    out += '"';
}

CleanText clean_text(std::string_view text, std::size_t size_max) {
    CleanText clean;
    while (!text.empty()) {
        const auto size = text[0] == '\0' ? 0 : character_size(text);
        const auto character = size == 0 ? replacement : text.substr(0, size);
        if (clean.text.size() + character.size() > size_max) {
            clean.cut = true;
            break;
        }
        clean.text += character;
        clean.replaced |= size == 0;
        text.remove_prefix(size == 0 ? 1 : size);
    }
    return clean;
}

void JsonScanner::expect(char wanted) {
    if (!take(wanted)) fail();
}

bool JsonScanner::take(char wanted) {
    if (bad_ || peek() != wanted || at_ == text_.size()) return false;
    ++at_;
    return true;
}

std::string_view JsonScanner::string() {
    expect('"');
    unescaped_.clear();
    bool whole = true;  // nothing was unescaped yet, so the text itself is the value
    while (!bad_) {
        const auto start = at_;
        skip_plain();
        const auto run = text_.substr(start, at_ - start);
        if (!whole) unescaped_ += run;
        if (take('"')) return whole ? run : std::string_view(unescaped_);
        expect('\\');
        if (bad_) break;
        if (whole) unescaped_ = run;
        whole = false;
        escape();
    }
    return {};
}

// Over what needs no escape, as far as it is UTF-8.
void JsonScanner::skip_plain() {
    while (at_ < text_.size() && plain(text_[at_])) {
        if (static_cast<unsigned char>(text_[at_]) < 0x80) {
            ++at_;
            continue;
        }
        const auto size = character_size(text_.substr(at_));
        if (size == 0) return fail();
        at_ += size;
    }
}

// After the backslash. Only the escapes that append_json_string writes; never U+0000.
void JsonScanner::escape() {
    const char letter = peek();
    if (const char c = unescaped(letter); c != '\0') {
        ++at_;
        unescaped_ += c;
        return;
    }
    const auto code = text_.substr(at_, std::min<std::size_t>(5, text_.size() - at_));
    if (code.size() != 5 || !code.starts_with("u00")) return fail();
    const auto high = hex_digits.find(code[3]);
    const auto low = hex_digits.find(code[4]);
    if (high > 1 || low == std::string_view::npos) return fail();
    const auto c = static_cast<char>(high * 16 + low);
    if (c == '\0' || short_escape(c) != '\0') return fail();
    at_ += code.size();
    unescaped_ += c;
}

std::int64_t JsonScanner::integer() {
    std::int64_t number = 0;
    const auto* const begin = text_.data() + at_;
    const auto* const end = text_.data() + text_.size();
    const auto [stop, error] = std::from_chars(begin, end, number);
    const auto digits = std::string_view(begin, static_cast<std::size_t>(stop - begin));
    const bool canonical = digits == "0" || (!digits.starts_with("0") && !digits.starts_with("-0"));
    const bool held = number <= json_integer_max && number >= -json_integer_max;
    if (bad_ || error != std::errc() || !canonical || !held) {
        fail();
        return 0;
    }
    at_ += digits.size();
    return number;
}

bool JsonScanner::boolean() {
    for (const auto& [word, meaning] :
         {std::pair(std::string_view("true"), true), std::pair(std::string_view("false"), false)}) {
        if (!bad_ && text_.substr(std::min(at_, text_.size())).starts_with(word)) {
            at_ += word.size();
            return meaning;
        }
    }
    fail();
    return false;
}

}  // namespace sallyport::audit
