#pragma once
// Bytes and their text forms. Every decoder is strict: one spelling per value, or it refuses.

#include "base/core/result.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport {

using Bytes = std::vector<std::byte>;
using BytesView = std::span<const std::byte>;

[[nodiscard]] inline BytesView as_bytes(std::string_view text) noexcept {
    return std::as_bytes(std::span(text.data(), text.size()));
}

[[nodiscard]] inline std::string_view as_text(BytesView bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

[[nodiscard]] std::string to_hex(BytesView bytes);
[[nodiscard]] Result<Bytes> from_hex(std::string_view text);
// RFC 4648 §4, padded.
[[nodiscard]] std::string to_base64(BytesView bytes);
[[nodiscard]] Result<Bytes> from_base64(std::string_view text);
// RFC 4648 §5, unpadded.
[[nodiscard]] std::string to_base64url(BytesView bytes);
[[nodiscard]] Result<Bytes> from_base64url(std::string_view text);
// RFC 4648 §6, unpadded, upper case (TOTP seeds in otpauth URIs).
[[nodiscard]] std::string to_base32(BytesView bytes);

// Reads big-endian values from the front of a buffer. Past the end it refuses "bytes.truncated"
// and stays where it was.
class ByteReader {
public:
    explicit ByteReader(BytesView bytes) : rest_(bytes) {}

    [[nodiscard]] std::size_t left() const noexcept { return rest_.size(); }

    [[nodiscard]] Result<std::uint8_t> u8();
    [[nodiscard]] Result<std::uint16_t> u16();
    [[nodiscard]] Result<std::uint32_t> u32();
    [[nodiscard]] Result<std::uint64_t> u64();
    [[nodiscard]] Result<BytesView> take(std::size_t size);

private:
    BytesView rest_;
};

class ByteWriter {
public:
    void u8(std::uint8_t value);
    void u16(std::uint16_t value);
    void u32(std::uint32_t value);
    void u64(std::uint64_t value);
    void put(BytesView bytes);

    [[nodiscard]] const Bytes& bytes() const& noexcept { return out_; }

    [[nodiscard]] Bytes take() && noexcept { return std::move(out_); }

private:
    Bytes out_;
};

}  // namespace sallyport
