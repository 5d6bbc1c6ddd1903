// A request target is refused, or has one reading, in which nothing reserved passes without its
// capability.
#include "domain/directory/path_rules.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport::directory;
    const auto path = normal_path({reinterpret_cast<const char*>(data), size});
    if (!path) return 0;
    for (const std::string_view part : {"\\", "%", "//", "/../", "/./", ";", "?", "#"}) {
        if (path->find(part) != std::string::npos) std::abort();
    }
    if (!path->starts_with('/') || path->ends_with("/..") || path->ends_with("/.")) std::abort();

    DeviceProfile profile;
    profile.allow = {{"*", "/*", ""}, {"POST", "/firmware", "firmware"}};
    std::string lowered = *path;
    std::ranges::transform(lowered, lowered.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    const bool reserved = lowered == "/firmware" || lowered == "/firmware/";
    if (check_path(profile, "POST", *path, {}).has_value() == reserved) std::abort();
    return 0;
}
