#include "edge/export/mail/mail_message.h"

#include "base/core/bytes.h"
#include "base/core/utf8.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

namespace sallyport::mail {

namespace {

MailAddress address(std::string_view text) {
    return MailAddress::parse(text).value();
}

std::string message(std::string_view subject, std::string_view body) {
    return mail_message(
        {.from = address("sallyport@hospital.example"),
         .to = address("pat@example.org"),
         .message_id = "0193@sallyport.example.org",
         .date = parse_time("2026-11-22T08:30:00Z").value(),
         .subject = subject},
        body
    );
}

// What a reader of quoted-printable makes of it (RFC 2045 §6.7).
std::string read_quoted_printable(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.substr(i).starts_with("=\r\n")) {
            i += 2;
        } else if (text.substr(i).starts_with("\r\n")) {
            out += '\n';
            ++i;
        } else if (text[i] == '=') {
            out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

// What a reader of encoded words makes of them: what folds them is no blank of the text (RFC 2047
// §6.2), and each is whole characters (§5).
std::string read_encoded_words(std::string_view text) {
    constexpr std::string_view begin = "=?utf-8?B?";
    constexpr std::string_view end = "?=";
    constexpr std::string_view fold = "\r\n ";
    std::string out;
    while (!text.empty()) {
        if (!out.empty()) {
            RC_ASSERT(text.starts_with(fold));
            text.remove_prefix(fold.size());
        }
        RC_ASSERT(text.starts_with(begin));
        text.remove_prefix(begin.size());
        const auto size = text.find(end);
        RC_ASSERT(begin.size() + size + end.size() <= 75U);
        const auto word = from_base64(text.substr(0, size)).value();
        RC_ASSERT(is_utf8(as_text(word)));
        out += as_text(word);
        text.remove_prefix(size + end.size());
    }
    return out;
}

// No line ends otherwise than with CR LF, none is too long, and all is ASCII.
void check_lines(std::string_view text) {
    std::size_t column = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.substr(i).starts_with("\r\n")) {
            column = 0;
            ++i;
            continue;
        }
        RC_ASSERT(text[i] != '\r');
        RC_ASSERT(text[i] != '\n');
        RC_ASSERT(static_cast<unsigned char>(text[i]) < 0x80);
        RC_ASSERT(++column <= 78U);
    }
}

TEST_CASE("a mail has the headers of RFC 5322 and nothing else") {
    CHECK(
        message("Your recovery code", "One line.\n") ==
        "Date: Sun, 22 Nov 2026 08:30:00 +0000\r\n"
        "From: Sallyport <sallyport@hospital.example>\r\n"
        "To: <pat@example.org>\r\n"
        "Message-ID: <0193@sallyport.example.org>\r\n"
        "Subject: Your recovery code\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n"
        "Auto-Submitted: auto-generated\r\n"
        "\r\n"
        "One line.\r\n"
    );
}

TEST_CASE("a subject that is not plain becomes encoded words, and adds no header") {
    CHECK(unstructured("Grüße") == "=?utf-8?B?R3LDvMOfZQ==?=");
    CHECK(unstructured("a =?utf-8?B?YQ==?= b").starts_with("=?utf-8?B?"));
    CHECK(
        unstructured("x\r\nBcc: eve@example.org") == "=?utf-8?B?eA0KQmNjOiBldmVAZXhhbXBsZS5vcmc=?="
    );
    CHECK(unstructured(std::string(61, 'a')).contains("?=\r\n =?utf-8?B?"));
}

TEST_CASE("a subject in any script is read as it was written, and no character is cut") {
    const std::string subject = "Your mail address was changed / Ihre Mailadresse wurde geändert";
    CHECK(read_encoded_words(unstructured(subject)) == subject);
    const bool holds = rc::check([] {
        const auto pieces = *rc::gen::container<std::vector<std::string>>(
            rc::gen::element<std::string>("a", " ", "ä", "ß", "„", "“", "€", "😀")
        );
        // One that is not plain.
        std::string text = "ü";
        for (const auto& piece : pieces) {
            text += piece;
        }
        RC_ASSERT(read_encoded_words(unstructured(text)) == text);
    });
    CHECK(holds);
}

TEST_CASE("whatever the body says comes out of quoted-printable as it was") {
    const bool holds = rc::check([](std::string body) {
        std::erase(body, '\r');
        const auto written = quoted_printable(body);
        check_lines(written);
        RC_ASSERT(read_quoted_printable(written) == body);
        // A blank at a line's end is lost on the way.
        RC_ASSERT(!written.contains(" \r\n"));
    });
    CHECK(holds);
    CHECK(quoted_printable("a = b ") == "a =3D b=20");
    CHECK(quoted_printable("a\rb") == "a=0Db");
}

TEST_CASE("whatever subject and body say, the head ends where it ends") {
    const bool holds = rc::check([](const std::string& subject, const std::string& body) {
        const auto written = message(subject, body);
        check_lines(written);
        const auto head = written.substr(0, written.find("\r\n\r\n") + 2);
        std::size_t headers = 0;
        for (std::size_t at = 0; at < head.size(); at = head.find("\r\n", at) + 2) {
            if (head[at] != ' ') ++headers;
        }
        RC_ASSERT(headers == 9U);
    });
    CHECK(holds);
}

}  // namespace

}  // namespace sallyport::mail
