#pragma once
// DER (X.690) element by element, for the few structures inside attestation certificates that
// OpenSSL does not know. Definite and shortest lengths only.

#include "base/core/bytes.h"

#include <cstdint>

namespace sallyport::crypto {

enum class DerClass : std::uint8_t { universal, application, context, special };

// The universal tags that attestation extensions use.
inline constexpr std::uint32_t der_integer = 2;
inline constexpr std::uint32_t der_octet_string = 4;
inline constexpr std::uint32_t der_enumerated = 10;
inline constexpr std::uint32_t der_sequence = 16;
inline constexpr std::uint32_t der_set = 17;

struct DerElement {
    DerClass tag_class;
    bool constructed;
    std::uint32_t tag;
    BytesView content;  // a view into what is read

    [[nodiscard]] bool is(std::uint32_t universal_tag) const noexcept {
        return tag_class == DerClass::universal && tag == universal_tag;
    }

    [[nodiscard]] bool is_context(std::uint32_t number) const noexcept {
        return tag_class == DerClass::context && tag == number;
    }
};

class DerReader {
public:
    explicit DerReader(BytesView der) : in_(der) {}

    [[nodiscard]] bool at_end() const noexcept { return in_.left() == 0; }

    // The element in front. Refuses invalid "der.malformed".
    [[nodiscard]] Result<DerElement> next();
    // The content of the element in front, which must have this universal tag.
    [[nodiscard]] Result<BytesView> next(std::uint32_t universal_tag);

private:
    Result<std::uint32_t> high_tag();
    Result<std::size_t> length();

    ByteReader in_;
};

// An INTEGER or ENUMERATED that is not negative and fits 32 bits. Refuses invalid "der.malformed".
[[nodiscard]] Result<std::uint32_t> der_small_number(BytesView content);

}  // namespace sallyport::crypto
