// A list of interfaces is refused, or reads back as itself.
#include "domain/directory/device_details.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport::directory;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    if (const auto mac = parse_mac(input); mac && parse_mac(*mac).value() != *mac) std::abort();
    const auto parsed = parse_interfaces(input);
    if (!parsed) return 0;
    if (parsed->size() > interfaces_max) std::abort();
    const auto again = parse_interfaces(to_json(*parsed));
    if (!again || *again != *parsed) std::abort();
    return 0;
}
