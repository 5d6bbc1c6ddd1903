#pragma once
// A mail address as RFC 5321 §4.1.2 has it, in its plain form: a dot-string of ASCII, @, a host
// name. Quoted names, comments, routes, address literals and letters beyond ASCII (RFC 6531) are
// not taken, so that nothing in an address can mean something to a mail server or in a header.

#include "base/core/result.h"

#include <string>
#include <string_view>
#include <utility>

namespace sallyport {

class MailAddress {
public:
    static constexpr std::size_t size_max = 254;       // RFC 5321 §4.5.3.1.3, without < and >
    static constexpr std::size_t local_size_max = 64;  // §4.5.3.1.1

    // The host's letters become small; the rest is kept as it is written. Refuses invalid
    // "mail_address.malformed".
    [[nodiscard]] static Result<MailAddress> parse(std::string_view text);

    [[nodiscard]] const std::string& text() const noexcept { return text_; }

    friend bool operator==(const MailAddress&, const MailAddress&) = default;

private:
    explicit MailAddress(std::string text) : text_(std::move(text)) {}

    std::string text_;
};

}  // namespace sallyport
