#include "domain/authn/webauthn/aaguid.h"

#include <algorithm>

namespace sallyport::authn::webauthn {

namespace {

constexpr std::size_t text_size = 36;
constexpr std::array<std::size_t, 4> dashes = {8, 13, 18, 23};

}  // namespace

std::string to_text(const Aaguid& aaguid) {
    auto text = to_hex(aaguid.bytes);
    for (const auto at : dashes) {
        text.insert(at, 1, '-');
    }
    return text;
}

Result<Aaguid> parse_aaguid(std::string_view text) {
    if (text.size() != text_size) return refuse(Refusal::invalid, "webauthn.aaguid");
    std::string digits;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool wants_dash = std::ranges::find(dashes, i) != dashes.end();
        if (wants_dash != (text[i] == '-')) return refuse(Refusal::invalid, "webauthn.aaguid");
        if (!wants_dash) digits += text[i];
    }
    const auto bytes = from_hex(digits);
    if (!bytes) return refuse(Refusal::invalid, "webauthn.aaguid");
    Aaguid aaguid;
    std::ranges::copy(*bytes, aaguid.bytes.begin());
    return aaguid;
}

}  // namespace sallyport::authn::webauthn
