// A device profile is refused, or every rule is well formed and it reads back as itself.
#include "domain/directory/device.h"
#include "domain/directory/path_rules.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport::directory;
    const auto parsed = parse_device_profile({reinterpret_cast<const char*>(data), size});
    if (!parsed) return 0;
    if (!std::ranges::all_of(parsed->allow, is_well_formed)) std::abort();
    const auto again = parse_device_profile(to_json(*parsed));
    if (!again || to_json(*again) != to_json(*parsed)) std::abort();
    return 0;
}
