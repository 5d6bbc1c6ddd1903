// Whatever subject and body are: lines end with CR LF and are short, all is ASCII, and no header is
// added.
#include "edge/export/mail/mail_message.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto cut = text.find('\0');
    const auto subject = text.substr(0, cut);
    const auto body = cut == std::string_view::npos ? std::string_view() : text.substr(cut + 1);
    const auto message = mail::mail_message(
        {.from = MailAddress::parse("a@b.example").value(),
         .to = MailAddress::parse("c@d.example").value(),
         .message_id = "1@b.example",
         .date = Time(),
         .subject = subject},
        body
    );
    std::size_t column = 0;
    std::size_t headers = 0;
    bool in_head = true;
    for (std::size_t i = 0; i < message.size(); ++i) {
        if (message.compare(i, 2, "\r\n") == 0) {
            if (column == 0) in_head = false;
            column = 0;
            ++i;
            continue;
        }
        const char c = message[i];
        if (c == '\r' || c == '\n' || static_cast<unsigned char>(c) >= 0x80) std::abort();
        if (in_head && column == 0 && c != ' ') ++headers;
        if (++column > 78) std::abort();
    }
    if (headers != 9 || in_head) std::abort();
    return 0;
}
