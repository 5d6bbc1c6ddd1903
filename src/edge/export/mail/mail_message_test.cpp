#include "edge/export/mail/mail_message.h"

#include "base/core/bytes.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

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

TEST_CASE("whatever the body says comes out of quoted-printable as it was") {
    rc::check([](std::string body) {
        std::erase(body, '\r');
        const auto written = quoted_printable(body);
        check_lines(written);
        RC_ASSERT(read_quoted_printable(written) == body);
        // A blank at a line's end is lost on the way.
        RC_ASSERT(!written.contains(" \r\n"));
    });
    CHECK(quoted_printable("a = b ") == "a =3D b=20");
    CHECK(quoted_printable("a\rb") == "a=0Db");
}

TEST_CASE("whatever subject and body say, the head ends where it ends") {
    rc::check([](const std::string& subject, const std::string& body) {
        const auto written = message(subject, body);
        check_lines(written);
        const auto head = written.substr(0, written.find("\r\n\r\n") + 2);
        std::size_t headers = 0;
        for (std::size_t at = 0; at < head.size(); at = head.find("\r\n", at) + 2) {
            if (head[at] != ' ') ++headers;
        }
        RC_ASSERT(headers == 9U);
    });
}

}  // namespace

}  // namespace sallyport::mail
