#include "edge/export/mail/mail_message.h"

#include "base/core/bytes.h"
#include "base/core/utf8.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace sallyport::mail {

namespace {

// A line with an encoded word has at most 76 characters (RFC 2047 §2): "Subject: ", "=?utf-8?B?"
// and
// "?=" leave 55, that is 13 groups of four.
constexpr std::size_t encoded_word_bytes = 39;
constexpr std::size_t plain_subject_max = 60;  // one line with its name

bool is_printable_ascii(char c) noexcept {
    return c >= ' ' && c <= '~';
}

std::string date_text(Time time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    return fmt::format(
        "{:%a, %d %b %Y %H:%M:%S} +0000", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds))
    );
}

// As many whole characters of the front as have at most `size_max` bytes.
std::string_view front_characters(std::string_view text, std::size_t size_max) {
    std::size_t size = 0;
    while (size < text.size()) {
        const auto next = size + front_code_point(text.substr(size)).size;
        if (next > size_max) break;
        size = next;
    }
    return text.substr(0, size);
}

}  // namespace

std::string quoted_printable(std::string_view text) {
    std::string out;
    std::size_t column = 0;
    const auto put = [&](std::string_view piece) {
        // One column is kept for the "=" of a soft line break.
        if (column + piece.size() > line_size_max - 1) {
            out += "=\r\n";
            column = 0;
        }
        out += piece;
        column += piece.size();
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\n') {
            out += "\r\n";
            column = 0;
            continue;
        }
        // A blank at a line's end would be lost on the way.
        const bool ends_line = i + 1 == text.size() || text[i + 1] == '\n';
        const bool plain = is_printable_ascii(c) && c != '=' && !(c == ' ' && ends_line);
        put(plain ? std::string(1, c) : fmt::format("={:02X}", static_cast<unsigned char>(c)));
    }
    return out;
}

std::string unstructured(std::string_view text) {
    // What looks like an encoded word has to be one, or it would be read as what it is not.
    if (text.size() <= plain_subject_max && std::ranges::all_of(text, is_printable_ascii) &&
        !text.contains("=?")) {
        return std::string(text);
    }
    std::string out;
    while (!text.empty()) {
        const auto word = front_characters(text, encoded_word_bytes);
        if (!out.empty()) out += "\r\n ";
        out += "=?utf-8?B?" + to_base64(as_bytes(word)) + "?=";
        text.remove_prefix(word.size());
    }
    return out;
}

std::string mail_message(const MailHeader& header, std::string_view body) {
    auto message = fmt::format(
        "Date: {}\r\n"
        "From: Sallyport <{}>\r\n"
        "To: <{}>\r\n"
        "Message-ID: <{}>\r\n"
        "Subject: {}\r\n",
        date_text(header.date),
        header.from.text(),
        header.to.text(),
        header.message_id,
        unstructured(header.subject)
    );
    message +=
        "MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n"
        // RFC 3834: nobody's absence is to answer it.
        "Auto-Submitted: auto-generated\r\n"
        "\r\n";
    message += quoted_printable(body);
    if (!message.ends_with("\r\n")) message += "\r\n";
    return message;
}

}  // namespace sallyport::mail
