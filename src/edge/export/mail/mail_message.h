#pragma once
// A mail as the bytes of RFC 5322: a few fixed headers and a body of plain text. Pure.

#include "base/core/mail_address.h"
#include "base/core/time.h"

#include <string>
#include <string_view>

namespace sallyport::mail {

// RFC 5322 §2.1.1 asks for at most 78 and forbids more than 998.
inline constexpr std::size_t line_size_max = 76;

struct MailHeader {
    MailAddress from;
    MailAddress to;
    std::string message_id;  // "0193…@sallyport.example.org", without brackets: one for all tries
    Time date;
    std::string_view subject;  // UTF-8; anything but plain ASCII is written as RFC 2047 has it
};

// Lines end with CR LF, none is longer than line_size_max but for a header's address, and all is
// ASCII: mail servers without SMTPUTF8 and 8BITMIME take it too. `body` is UTF-8 with LF.
[[nodiscard]] std::string mail_message(const MailHeader& header, std::string_view body);

// RFC 2045 §6.7: quoted-printable.
[[nodiscard]] std::string quoted_printable(std::string_view text);
// RFC 2047: the text itself where it is plain, else encoded words, folded.
[[nodiscard]] std::string unstructured(std::string_view text);

}  // namespace sallyport::mail
