// Base64, hex, UUIDs and times: what is read is spelt the same again, so that a value has one
// spelling.

#include "base/core/bytes.h"
#include "base/core/id.h"
#include "base/core/time.h"
#include "base/core/utf8.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace sallyport;

namespace {

void require(bool held) {
    if (!held) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto bytes = as_bytes(text);
    if (const auto read = from_hex(text)) require(to_hex(*read) == text);
    if (const auto read = from_base64(text)) require(to_base64(*read) == text);
    if (const auto read = from_base64url(text)) require(to_base64url(*read) == text);
    require(as_text(from_hex(to_hex(bytes)).value()) == text);
    require(as_text(from_base64(to_base64(bytes)).value()) == text);
    require(as_text(from_base64url(to_base64url(bytes)).value()) == text);
    require(to_base32(bytes).size() == (size * 8 + 4) / 5);

    if (const auto id = parse_uuid(text)) require(uuid_text(*id) == text);
    if (const auto time = parse_time(text)) {
        const auto shown = parse_time(to_text(*time));
        // An offset can lead out of the years that RFC 3339 can spell.
        if (shown) require(*time - *shown < Duration(1000) && *shown <= *time);
    }

    bool sound = true;
    for (auto rest = text; !rest.empty();) {
        const auto point = front_code_point(rest);
        require(point.size >= 1 && point.size <= rest.size());
        sound = sound && point.value.has_value();
        rest.remove_prefix(point.size);
    }
    require(sound == is_utf8(text));
    return 0;
}
