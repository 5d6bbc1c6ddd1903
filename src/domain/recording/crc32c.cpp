#include "domain/recording/crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace sallyport::recording {
namespace {

constexpr std::uint32_t polynomial = 0x82F63B78U;  // reflected

constexpr std::array<std::uint32_t, 256> make_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
        std::uint32_t value = byte;
        for (int bit = 0; bit < 8; ++bit) {
            value = (value >> 1U) ^ ((value & 1U) != 0 ? polynomial : 0U);
        }
        table[byte] = value;
    }
    return table;
}

constexpr auto table = make_table();

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc32c_by_instruction(
    BytesView bytes, std::uint32_t before
) noexcept {
    std::uint64_t value = ~before;
    const std::byte* at = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= sizeof(std::uint64_t); left -= sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, at, sizeof word);
        value = _mm_crc32_u64(value, word);
        at += sizeof word;
    }
    auto rest = static_cast<std::uint32_t>(value);
    for (; left > 0; --left) {
        rest = _mm_crc32_u8(rest, std::to_integer<std::uint8_t>(*at++));
    }
    return ~rest;
}
#endif

}  // namespace

std::uint32_t crc32c_by_table(BytesView bytes, std::uint32_t before) noexcept {
    std::uint32_t value = ~before;
    for (const std::byte byte : bytes) {
        value = (value >> 8U) ^ table[(value ^ std::to_integer<std::uint32_t>(byte)) & 0xFFU];
    }
    return ~value;
}

std::uint32_t crc32c(BytesView bytes, std::uint32_t before) noexcept {
#if defined(__x86_64__)
    static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
    if (has_instruction) return crc32c_by_instruction(bytes, before);
#endif
    return crc32c_by_table(bytes, before);
}

}  // namespace sallyport::recording
