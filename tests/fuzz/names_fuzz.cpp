// Login names, device names, device addresses and typed text: whatever parses is what it claims to
// be, and parses again as itself.
#include "base/core/utf8.h"
#include "domain/directory/account.h"
#include "domain/directory/device.h"
#include "domain/directory/device_address.h"
#include "domain/directory/text_rules.h"

#include <arpa/inet.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

// As the most lenient resolver reads it: "127.1", "0x7f.1", "2130706433".
bool leads_home(const std::string& text) {
    in_addr address{};
    return inet_aton(text.c_str(), &address) != 0 && (ntohl(address.s_addr) >> 24U) == 127;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport::directory;
    const std::string_view text(reinterpret_cast<const char*>(data), size);

    if (const auto name = LoginName::parse(text)) {
        const auto again = LoginName::parse(name->text());
        if (!again || *again != *name || name->text().size() > LoginName::size_max) std::abort();
    }
    if (const auto name = DeviceName::parse(text)) {
        if (name->text() != text || !device_address_allowed(name->text(), AddressRules::demo)) {
            // A label of digits alone is a fine name, and no address.
            if (name->text().find_first_not_of("0123456789") == std::string::npos) return 0;
            if (name->text().starts_with("0x")) return 0;
            std::abort();
        }
    }
    if (device_address_allowed(text, AddressRules::strict)) {
        if (!device_address_allowed(text, AddressRules::demo)) std::abort();
        if (text.find('\0') != std::string_view::npos || leads_home(std::string(text)))
            std::abort();
    }
    if (is_clean_text(text, 0, size) && !sallyport::is_utf8(text)) std::abort();
    return 0;
}
