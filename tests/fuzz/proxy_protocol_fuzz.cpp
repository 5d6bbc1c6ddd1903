#include "edge/http/proxy_protocol.h"

#include "edge/http/ip_set.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport::http;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto prefix = parse_proxy_prefix(bytes.substr(0, proxy_prefix_size));
    if (!prefix) return 0;
    if (prefix->rest_size > proxy_rest_size_max) std::abort();
    const auto source = parse_proxy_source(*prefix, bytes.substr(proxy_prefix_size));
    if (source && *source && !parse_ip(**source)) std::abort();
    return 0;
}
