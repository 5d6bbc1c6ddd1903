#pragma once
// What a mail says: which change it is about and where to say that it wasn't oneself. Links lead to
// pages, and hold nothing that opens anything.

#include "base/core/language.h"
#include "domain/authn/mail_outbox.h"

#include <string>
#include <vector>

namespace sallyport::mail {

struct MailText {
    std::string subject;  // UTF-8, one line, holds nothing that people typed
    std::string body;     // UTF-8, lines end with LF
};

// The same in each of `languages`, which are one or more, one after the other. `origin`: of the
// sign-in host, "https://sallyport.example.org".
[[nodiscard]] MailText mail_text(
    const authn::Mail& mail, const std::vector<Language>& languages, const std::string& origin
);

}  // namespace sallyport::mail
