#pragma once
// What a mail says: which change it is about and where to say that it wasn't oneself. Links lead to
// pages, and hold nothing that opens anything.

#include "domain/authn/mail_outbox.h"

#include <string>
#include <string_view>

namespace sallyport::mail {

struct MailText {
    std::string_view subject;
    std::string body;  // UTF-8, lines end with LF
};

// `origin`: of the sign-in host, "https://sallyport.example.org".
[[nodiscard]] MailText mail_text(const authn::Mail& mail, const std::string& origin);

}  // namespace sallyport::mail
