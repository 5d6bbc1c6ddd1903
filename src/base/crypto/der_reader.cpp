#include "base/crypto/der_reader.h"

namespace sallyport::crypto {

namespace {

// Android's key description goes up to 720; two bytes of tag number are enough.
constexpr std::uint32_t tag_max = (1U << 14U) - 1;

std::unexpected<Refusal> malformed() {
    return refuse(Refusal::invalid, "der.malformed");
}

}  // namespace

// X.690 §8.1.2.4: seven bits a byte, the first not zero, and not for what fits the short form.
Result<std::uint32_t> DerReader::high_tag() {
    std::uint32_t tag = 0;
    for (;;) {
        SP_TRY(const auto byte, in_.u8());
        if (tag == 0 && byte == 0x80U) return malformed();
        tag = tag << 7U | (byte & 0x7FU);
        if (tag > tag_max) return malformed();
        if ((byte & 0x80U) == 0) break;
    }
    if (tag < 0x1FU) return malformed();
    return tag;
}

// X.690 §10.1: definite, and as short as it can be.
Result<std::size_t> DerReader::length() {
    SP_TRY(const auto first, in_.u8());
    if (first < 0x80U) return std::size_t{first};
    const unsigned count = first & 0x7FU;
    if (count == 0 || count > 3) return malformed();
    std::size_t length = 0;
    for (unsigned i = 0; i < count; ++i) {
        SP_TRY(const auto byte, in_.u8());
        if (length == 0 && byte == 0) return malformed();
        length = length << 8U | byte;
    }
    if (length < 0x80U) return malformed();
    return length;
}

Result<DerElement> DerReader::next() {
    SP_TRY(const auto first, in_.u8());
    DerElement element{
        .tag_class = static_cast<DerClass>(first >> 6U),
        .constructed = (first & 0x20U) != 0,
        .tag = first & 0x1FU,
        .content = {},
    };
    if (element.tag == 0x1FU) {
        SP_TRY(element.tag, high_tag());
    }
    SP_TRY(const auto size, length());
    SP_TRY(element.content, in_.take(size));
    return element;
}

Result<BytesView> DerReader::next(std::uint32_t universal_tag) {
    SP_TRY(const auto element, next());
    const bool wants_parts = universal_tag == der_sequence || universal_tag == der_set;
    if (!element.is(universal_tag) || element.constructed != wants_parts) return malformed();
    return element.content;
}

Result<std::uint32_t> der_small_number(BytesView content) {
    if (content.empty() || content.size() > 5) return malformed();
    std::uint64_t number = 0;
    for (const auto byte : content) {
        number = number << 8U | std::to_integer<std::uint64_t>(byte);
    }
    const bool negative = (content.front() & std::byte{0x80}) != std::byte{0};
    const bool padded = content.size() > 1 && content.front() == std::byte{0} &&
                        (content[1] & std::byte{0x80}) == std::byte{0};
    if (negative || padded || number > UINT32_MAX) return malformed();
    return static_cast<std::uint32_t>(number);
}

}  // namespace sallyport::crypto
