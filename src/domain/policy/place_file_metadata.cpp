#include "domain/policy/place_file_metadata.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

namespace sallyport::policy {

namespace {

// Before the description; the last one counts, as the library has it.
constexpr std::string_view marker = "\xab\xcd\xefMaxMind.com";
constexpr std::size_t description_size_max = 128 * 1024;
constexpr std::size_t separator_size = 16;  // zeros between tree and data
constexpr unsigned bits_per_byte = 8;

// The format's types of values ("Output Data Section").
constexpr unsigned extended = 0;
constexpr unsigned pointer = 1;
constexpr unsigned text = 2;
constexpr unsigned uint16 = 5;
constexpr unsigned uint32 = 6;
constexpr unsigned map = 7;
constexpr unsigned array = 11;
constexpr unsigned boolean = 14;

struct Header {
    unsigned type;
    std::size_t size;  // bytes, or what it has of entries; of a boolean its value
};

std::unexpected<Refusal> malformed() {
    return refuse(Refusal::invalid, "place_file.malformed");
}

Result<std::size_t> long_size(ByteReader& in, unsigned short_size) {
    constexpr unsigned one_byte = 29;
    constexpr unsigned two_bytes = 30;
    constexpr std::size_t after_one = 29;
    constexpr std::size_t after_two = 285;
    constexpr std::size_t after_three = 65821;
    if (short_size < one_byte) return short_size;
    SP_TRY(const auto high, in.u8());
    if (short_size == one_byte) return after_one + high;
    if (short_size == two_bytes) {
        SP_TRY(const auto low, in.u8());
        return after_two + (std::size_t{high} << bits_per_byte) + low;
    }
    SP_TRY(const auto low, in.u16());
    return after_three + (std::size_t{high} << 2 * bits_per_byte) + low;
}

Result<Header> next_header(ByteReader& in) {
    constexpr unsigned type_shift = 5;
    constexpr unsigned size_mask = 0x1f;
    constexpr unsigned pointer_shift = 3;
    constexpr unsigned pointer_mask = 3;
    constexpr unsigned first_extended = 7;
    SP_TRY(const auto control, in.u8());
    unsigned type = control >> type_shift;
    if (type == pointer) {
        return Header{type, std::size_t{(control >> pointer_shift) & pointer_mask} + 1};
    }
    if (type == extended) {
        SP_TRY(const auto more, in.u8());
        type = first_extended + more;
    }
    SP_TRY(const auto size, long_size(in, control & size_mask));
    return Header{type, size};
}

// A value, with whatever is in it. Each turn takes a byte at least, so it ends with the text.
Result<void> skip_value(ByteReader& in) {
    for (std::size_t left = 1; left > 0; --left) {
        SP_TRY(const auto header, next_header(in));
        if (header.type == map) {
            left += 2 * header.size;
        } else if (header.type == array) {
            left += header.size;
        } else if (header.type != boolean) {
            SP_CHECK(in.take(header.size));
        }
    }
    return {};
}

Result<std::uint64_t> next_number(ByteReader& in) {
    SP_TRY(const auto header, next_header(in));
    const bool number = header.type == uint16 || header.type == uint32;
    if (!number || header.size > sizeof(std::uint32_t)) return malformed();
    SP_TRY(const auto bytes, in.take(header.size));
    std::uint64_t value = 0;
    for (const auto byte : bytes) {
        value = value << bits_per_byte | std::to_integer<std::uint64_t>(byte);
    }
    return value;
}

struct TreeSize {
    std::optional<std::uint64_t> nodes;
    std::optional<std::uint64_t> record_bits;
};

Result<TreeSize> tree_size_in(ByteReader in) {
    SP_TRY(const auto whole, next_header(in));
    if (whole.type != map) return malformed();
    TreeSize found;
    for (std::size_t i = 0; i < whole.size; ++i) {
        SP_TRY(const auto key, next_header(in));
        if (key.type != text) return malformed();
        SP_TRY(const auto name, in.take(key.size));
        auto* const wanted = as_text(name) == "node_count"    ? &found.nodes
                             : as_text(name) == "record_size" ? &found.record_bits
                                                              : nullptr;
        if (wanted == nullptr) {
            SP_CHECK(skip_value(in));
            continue;
        }
        if (*wanted) return malformed();
        SP_TRY(*wanted, next_number(in));
    }
    return found;
}

}  // namespace

Result<void> check_tree_size(BytesView file) {
    const auto tail = file.last(std::min(file.size(), description_size_max));
    const auto at = as_text(tail).rfind(marker);
    if (at == std::string_view::npos) return malformed();
    const auto found = tree_size_in(ByteReader(tail.subspan(at + marker.size())));
    if (!found || !found->nodes || !found->record_bits) return malformed();
    // Two records a node; 32 bits are the most that the format has.
    constexpr std::uint64_t record_bits_max = 32;
    if (*found->record_bits > record_bits_max) return malformed();
    const auto tree = *found->nodes * (2 * *found->record_bits / bits_per_byte);
    const auto before = file.size() - tail.size() + at;
    if (tree + separator_size > before) return malformed();
    return {};
}

}  // namespace sallyport::policy
