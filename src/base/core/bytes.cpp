#include "base/core/bytes.h"

#include <concepts>

namespace sallyport {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view base64url_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view base32_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

constexpr std::array<std::int8_t, 256> values_of(std::string_view digits) {
    std::array<std::int8_t, 256> values{};
    values.fill(-1);
    for (std::size_t i = 0; i < digits.size(); ++i) {
        values[static_cast<unsigned char>(digits[i])] = static_cast<std::int8_t>(i);
    }
    return values;
}

constexpr auto hex_values = values_of(hex_digits);
constexpr auto base64_values = values_of(base64_digits);
constexpr auto base64url_values = values_of(base64url_digits);

int value_in(const std::array<std::int8_t, 256>& values, char c) {
    return values[static_cast<unsigned char>(c)];
}

// Bits in, digits of `bits` bits out; the last digit is filled with zero bits.
std::string spell(BytesView bytes, std::string_view digits, unsigned bits) {
    std::string text;
    text.reserve((bytes.size() * 8 + bits - 1) / bits);
    const unsigned mask = (1U << bits) - 1;
    unsigned held = 0;
    unsigned held_bits = 0;
    for (const std::byte byte : bytes) {
        held = held << 8U | std::to_integer<unsigned>(byte);
        held_bits += 8;
        while (held_bits >= bits) {
            held_bits -= bits;
            text += digits[held >> held_bits & mask];
        }
        held &= (1U << held_bits) - 1;
    }
    if (held_bits > 0) text += digits[held << (bits - held_bits) & mask];
    return text;
}

// Base64 digits without padding. A last digit with stray bits, which a lax decoder drops, would be
// a second spelling of the same bytes: refused.
Result<Bytes> read_base64(std::string_view text, const std::array<std::int8_t, 256>& values) {
    if (text.size() % 4 == 1) return refuse(Refusal::invalid, "base64.malformed");
    Bytes bytes;
    bytes.reserve(text.size() * 3 / 4);
    unsigned held = 0;
    unsigned held_bits = 0;
    for (const char c : text) {
        const int value = value_in(values, c);
        if (value < 0) return refuse(Refusal::invalid, "base64.malformed");
        held = held << 6U | static_cast<unsigned>(value);
        held_bits += 6;
        if (held_bits >= 8) {
            held_bits -= 8;
            bytes.push_back(static_cast<std::byte>(held >> held_bits & 0xffU));
            held &= (1U << held_bits) - 1;
        }
    }
    if (held != 0) return refuse(Refusal::invalid, "base64.malformed");
    return bytes;
}

template <std::unsigned_integral T>
Result<T> read_integer(BytesView& rest) {
    if (rest.size() < sizeof(T)) return refuse(Refusal::invalid, "bytes.truncated");
    std::uint64_t value = 0;
    for (const std::byte byte : rest.first(sizeof(T))) {
        value = value << 8U | std::to_integer<std::uint64_t>(byte);
    }
    rest = rest.subspan(sizeof(T));
    return static_cast<T>(value);
}

// Most messages are small: one allocation instead of growing by a byte at a time.
void make_room(Bytes& out) {
    constexpr std::size_t small_message = 64;
    if (out.capacity() == 0) out.reserve(small_message);
}

template <std::unsigned_integral T>
void write_integer(Bytes& out, T value) {
    make_room(out);
    std::array<std::byte, sizeof(T)> bytes;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        const auto shift = 8 * (sizeof(T) - 1 - i);
        bytes[i] = static_cast<std::byte>(static_cast<std::uint64_t>(value) >> shift & 0xffU);
    }
    out.insert(out.end(), bytes.begin(), bytes.end());
}

}  // namespace

std::string to_hex(BytesView bytes) {
    return spell(bytes, hex_digits, 4);
}

Result<Bytes> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return refuse(Refusal::invalid, "hex.malformed");
    Bytes bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = value_in(hex_values, text[i]);
        const int low = value_in(hex_values, text[i + 1]);
        if (high < 0 || low < 0) return refuse(Refusal::invalid, "hex.malformed");
        bytes.push_back(static_cast<std::byte>(high << 4 | low));
    }
    return bytes;
}

std::string to_base64(BytesView bytes) {
    std::string text = spell(bytes, base64_digits, 6);
    text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

Result<Bytes> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return refuse(Refusal::invalid, "base64.malformed");
    for (int i = 0; i < 2 && text.ends_with('='); ++i) {
        text.remove_suffix(1);
    }
    return read_base64(text, base64_values);
}

std::string to_base64url(BytesView bytes) {
    return spell(bytes, base64url_digits, 6);
}

Result<Bytes> from_base64url(std::string_view text) {
    return read_base64(text, base64url_values);
}

std::string to_base32(BytesView bytes) {
    return spell(bytes, base32_digits, 5);
}

Result<std::uint8_t> ByteReader::u8() {
    return read_integer<std::uint8_t>(rest_);
}

Result<std::uint16_t> ByteReader::u16() {
    return read_integer<std::uint16_t>(rest_);
}

Result<std::uint32_t> ByteReader::u32() {
    return read_integer<std::uint32_t>(rest_);
}

Result<std::uint64_t> ByteReader::u64() {
    return read_integer<std::uint64_t>(rest_);
}

Result<BytesView> ByteReader::take(std::size_t size) {
    if (rest_.size() < size) return refuse(Refusal::invalid, "bytes.truncated");
    const BytesView taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
}

void ByteWriter::u8(std::uint8_t value) {
    write_integer(out_, value);
}

void ByteWriter::u16(std::uint16_t value) {
    write_integer(out_, value);
}

void ByteWriter::u32(std::uint32_t value) {
    write_integer(out_, value);
}

void ByteWriter::u64(std::uint64_t value) {
    write_integer(out_, value);
}

void ByteWriter::put(BytesView bytes) {
    out_.insert(out_.end(), bytes.begin(), bytes.end());
}

}  // namespace sallyport
