#include "tests/support/place_file_writer.h"

#include "base/core/ip_network.h"

#include <array>
#include <cstddef>
#include <optional>
#include <utility>

// libmaxminddb 1.7.1 forgets a few KiB of its own when it refuses a file whose description is
// damaged. The server opens a file at its start and when told to reload.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" const char* __lsan_default_suppressions();

// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" const char* __lsan_default_suppressions() {
    return "leak:libmaxminddb";
}

namespace sallyport::test {

namespace {

// Control bytes: the type, or 0 for those above 7, and the size.
constexpr unsigned utf8_type = 2;
constexpr unsigned uint16_type = 5;
constexpr unsigned uint32_type = 6;
constexpr unsigned map_type = 7;
constexpr unsigned uint64_type = 9;
constexpr unsigned array_type = 11;
constexpr unsigned size_bits = 5;

void put_control(ByteWriter& out, unsigned type, std::size_t size) {
    const bool extended = type > map_type;
    out.u8(static_cast<std::uint8_t>(((extended ? 0 : type) << size_bits) | size));
    if (extended) out.u8(static_cast<std::uint8_t>(type - map_type));
}

// Of fewer than 29 bytes, the most that a control byte can say.
void put_text(ByteWriter& out, std::string_view text) {
    put_control(out, utf8_type, text.size());
    for (const char c : text) {
        out.u8(static_cast<std::uint8_t>(c));
    }
}

void put_entry(ByteWriter& out, const std::string& country, PlaceLayout layout) {
    put_control(out, map_type, 1);
    if (layout == PlaceLayout::nested) {
        put_text(out, "country");
        put_control(out, map_type, 1);
        put_text(out, "iso_code");
    } else {
        put_text(out, "country_code");
    }
    put_text(out, country);
}

void put_metadata(ByteWriter& out, std::size_t nodes) {
    for (const char c : std::string_view("\xab\xcd\xefMaxMind.com")) {
        out.u8(static_cast<std::uint8_t>(c));
    }
    put_control(out, map_type, 9);
    put_text(out, "node_count");
    put_control(out, uint32_type, 4);
    out.u32(static_cast<std::uint32_t>(nodes));
    for (const auto& [name, value] :
         {std::pair("record_size", 24),
          std::pair("ip_version", 6),
          std::pair("binary_format_major_version", 2),
          std::pair("binary_format_minor_version", 0)}) {
        put_text(out, name);
        put_control(out, uint16_type, 2);
        out.u16(static_cast<std::uint16_t>(value));
    }
    put_text(out, "build_epoch");
    put_control(out, uint64_type, 8);
    out.u64(1'700'000'000);
    put_text(out, "database_type");
    put_text(out, "Sallyport-Test-Country");
    put_text(out, "languages");
    put_control(out, array_type, 0);
    put_text(out, "description");
    put_control(out, map_type, 0);
}

// IPv4 is at ::a.b.c.d in this format.
IpAddress in_tree(const IpAddress& address, bool is_ipv4) {
    auto at = address;
    if (is_ipv4) at[10] = at[11] = 0;
    return at;
}

// Where a record leads: to another node, or to an entry by its number, or nowhere.
struct Record {
    std::optional<std::size_t> node;
    std::optional<std::size_t> entry;
};

using Tree = std::vector<std::array<Record, 2>>;

void insert(Tree& tree, const PlaceEntry& entry, std::size_t number) {
    const bool is_ipv4 = !entry.address.contains(':');
    const auto address = in_tree(parse_ip_address(entry.address).value(), is_ipv4);
    const auto depth = entry.bits + (is_ipv4 ? 96U : 0U);
    std::size_t node = 0;
    for (unsigned bit = 0; bit < depth; ++bit) {
        const auto side = (address.at(bit / 8) >> (7 - bit % 8)) & 1U;
        if (bit + 1 == depth) {
            tree.at(node).at(side).entry = number;
            return;
        }
        if (!tree.at(node).at(side).node) {
            tree.at(node).at(side).node = tree.size();
            tree.emplace_back();
        }
        node = *tree.at(node).at(side).node;
    }
}

}  // namespace

Bytes place_file(const std::vector<PlaceEntry>& entries, PlaceLayout layout) {
    constexpr std::size_t separator_size = 16;
    Tree tree(1);
    ByteWriter data;
    std::vector<std::size_t> offsets;
    std::size_t offset = 0;
    for (const auto& entry : entries) {
        insert(tree, entry, offsets.size());
        offsets.push_back(offset);
        ByteWriter one;
        put_entry(one, entry.country, layout);
        const auto bytes = std::move(one).take();
        data.put(bytes);
        offset += bytes.size();
    }
    ByteWriter out;
    for (const auto& node : tree) {
        for (const auto& record : node) {
            auto value = tree.size();
            if (record.node) value = *record.node;
            if (record.entry) value = tree.size() + separator_size + offsets.at(*record.entry);
            out.u8(static_cast<std::uint8_t>(value >> 16U));
            out.u16(static_cast<std::uint16_t>(value));
        }
    }
    out.put(Bytes(separator_size));
    out.put(std::move(data).take());
    put_metadata(out, tree.size());
    return std::move(out).take();
}

}  // namespace sallyport::test
