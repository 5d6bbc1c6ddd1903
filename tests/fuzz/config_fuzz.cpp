// The operator's file: whatever it holds, it loads within bounds or is refused with a place.

#include "base/config/config.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace sallyport;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto settings = config::parse_settings(text, {"x.toml", "/run/credentials"});
    if (settings) {
        if (settings->limits.header_bytes < 4096 || settings->server.node.empty()) std::abort();
    } else if (!settings.error().detail.starts_with("x.toml:")) {
        std::abort();
    }
    return 0;
}
