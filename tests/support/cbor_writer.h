#pragma once
// CBOR (RFC 8949) for tests, also such as nobody should write: a map takes its members as they
// come.

#include "base/core/bytes.h"

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport::test::cbor {

using Members = std::vector<std::pair<Bytes, Bytes>>;

// A head of the shortest form: the major type and its number.
[[nodiscard]] inline Bytes head(std::uint8_t major, std::uint64_t number) {
    ByteWriter out;
    const auto first = static_cast<std::uint8_t>(major << 5U);
    if (number < 24) {
        out.u8(static_cast<std::uint8_t>(first | number));
    } else if (number <= UINT8_MAX) {
        out.u8(first | 24U);
        out.u8(static_cast<std::uint8_t>(number));
    } else if (number <= UINT16_MAX) {
        out.u8(first | 25U);
        out.u16(static_cast<std::uint16_t>(number));
    } else if (number <= UINT32_MAX) {
        out.u8(first | 26U);
        out.u32(static_cast<std::uint32_t>(number));
    } else {
        out.u8(first | 27U);
        out.u64(number);
    }
    return std::move(out).take();
}

[[nodiscard]] inline Bytes joined(Bytes front, BytesView back) {
    front.insert(front.end(), back.begin(), back.end());
    return front;
}

[[nodiscard]] inline Bytes integer(std::int64_t number) {
    if (number >= 0) return head(0, static_cast<std::uint64_t>(number));
    return head(1, static_cast<std::uint64_t>(-1 - number));
}

[[nodiscard]] inline Bytes bytes(BytesView content) {
    return joined(head(2, content.size()), content);
}

[[nodiscard]] inline Bytes text(std::string_view content) {
    return joined(head(3, content.size()), as_bytes(content));
}

[[nodiscard]] inline Bytes array(const std::vector<Bytes>& elements) {
    auto out = head(4, elements.size());
    for (const auto& element : elements) {
        out = joined(std::move(out), element);
    }
    return out;
}

[[nodiscard]] inline Bytes map(const Members& members) {
    auto out = head(5, members.size());
    for (const auto& [key, value] : members) {
        out = joined(joined(std::move(out), key), value);
    }
    return out;
}

}  // namespace sallyport::test::cbor
