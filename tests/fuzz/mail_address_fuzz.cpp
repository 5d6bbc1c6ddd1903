// Whatever is typed as a mail address: what is accepted holds nothing that could mean something to
// a mail server or in a header, and is read back as itself.
#include "base/core/mail_address.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using sallyport::MailAddress;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto address = MailAddress::parse(text);
    if (!address) return 0;
    if (address->text().size() > MailAddress::size_max) std::abort();
    if (address->text().find_first_of("<>()[],;:\\\" \r\n\t") != std::string::npos) std::abort();
    if (address->text().find('@') != address->text().rfind('@')) std::abort();
    for (const char c : address->text()) {
        if (c <= ' ' || c > '~') std::abort();
    }
    if (MailAddress::parse(address->text()).value() != *address) std::abort();
    return 0;
}
