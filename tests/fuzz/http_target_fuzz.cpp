// Request targets and hosts: what is accepted is normal, and stays so when it is written and read
// again.

#include "edge/http/message.h"
#include "edge/http/target.h"
#include "edge/http/url_token.h"

#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport;
    const std::string_view text(reinterpret_cast<const char*>(data), size);

    static_cast<void>(http::parse_authority(text));
    const auto target = http::parse_target(text);
    if (!target) return 0;
    const auto whole = target->path + "/";
    const bool normal = target->path.starts_with('/') && !target->path.contains("//") &&
                        !whole.contains("/../") && !whole.contains("/./") &&
                        !target->path.contains('\0') && !target->path.contains('\\');
    if (!normal) std::abort();
    std::string written;
    for (const char c : target->path) {
        written += c == '/' ? "/" : http::percent_encoded({&c, 1});
    }
    const auto again = http::parse_target(written);
    const bool too_long = written.size() > http::target_size_max;
    if (!too_long && (!again || again->path != target->path)) std::abort();

    http::Request request;
    request.path = target->path;
    request.query = target->query;
    static_cast<void>(http::token_in_target(request));
    return 0;
}
