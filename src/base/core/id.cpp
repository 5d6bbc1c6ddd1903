#include "base/core/id.h"

#include "base/core/ascii.h"

namespace sallyport {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

constexpr bool dash_before(std::size_t byte) {
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

}  // namespace

// 48 bits of Unix milliseconds; then, as RFC 9562 §6.2 method 3 allows, the fraction of the
// millisecond in the 12 bits after the version, so that ids sort by microsecond; then 62 random
// bits after the variant.
IdBytes fresh_uuid_v7(Time now, Random& random) {
    const auto micros = static_cast<std::uint64_t>(to_micros(now));
    const std::uint64_t millis = micros / 1000;
    const std::uint64_t fraction = (micros % 1000) * 4096 / 1000;

    IdBytes bytes{};
    random.fill(std::span(bytes).subspan(8));
    for (std::size_t i = 0; i < 6; ++i) {
        bytes[i] = static_cast<std::byte>(millis >> (40 - 8 * i) & 0xffU);
    }
    bytes[6] = static_cast<std::byte>(0x70U | fraction >> 8U);
    bytes[7] = static_cast<std::byte>(fraction & 0xffU);
    bytes[8] = (bytes[8] & std::byte{0x3f}) | std::byte{0x80};
    return bytes;
}

std::string uuid_text(const IdBytes& bytes) {
    std::string text;
    text.reserve(36);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (dash_before(i)) text += '-';
        const auto value = std::to_integer<unsigned>(bytes[i]);
        text += hex_digits[value >> 4U];
        text += hex_digits[value & 0xfU];
    }
    return text;
}

Result<IdBytes> parse_uuid(std::string_view text) {
    if (text.size() != 36) return refuse(Refusal::invalid, "id.malformed");
    IdBytes bytes{};
    std::size_t at = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (dash_before(i) && text[at++] != '-') return refuse(Refusal::invalid, "id.malformed");
        const int high = strict_hex_value(text[at++]);
        const int low = strict_hex_value(text[at++]);
        if (high < 0 || low < 0) return refuse(Refusal::invalid, "id.malformed");
        bytes[i] = static_cast<std::byte>(high << 4 | low);
    }
    return bytes;
}

}  // namespace sallyport
