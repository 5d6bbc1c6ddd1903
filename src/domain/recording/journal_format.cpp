#include "domain/recording/journal_format.h"

#include "domain/recording/crc32c.h"

#include <fmt/core.h>

#include <charconv>

namespace sallyport::recording {
namespace {

constexpr std::string_view journal_magic = "SPJRNL1\n";
constexpr std::string_view batch_magic = "SPBT";
constexpr std::string_view suffix = ".journal";
constexpr std::size_t digits = 16;

Bytes with_crc(ByteWriter out) {
    out.u32(crc32c(out.bytes()));
    return std::move(out).take();
}

// The bytes before the CRC that ends a header of `size`, if it is right.
Result<BytesView> without_crc(BytesView bytes, std::size_t size, std::string_view magic) {
    if (bytes.size() < size) return refuse(Refusal::invalid, "journal.malformed");
    const auto body = bytes.first(size - 4);
    ByteReader tail(bytes.subspan(size - 4, 4));
    SP_TRY(const auto crc, tail.u32());
    if (as_text(body.first(magic.size())) != magic || crc != crc32c(body)) {
        return refuse(Refusal::invalid, "journal.malformed");
    }
    return body.subspan(magic.size());
}

}  // namespace

Bytes encode_journal_header(const JournalHeader& header) {
    ByteWriter out;
    out.put(as_bytes(journal_magic));
    out.u64(0);
    out.u64(header.number);
    out.u64(header.stamp);
    out.u64(header.first_batch);
    out.u32(0);
    return with_crc(std::move(out));
}

Result<JournalHeader> decode_journal_header(BytesView bytes) {
    SP_TRY(const auto body, without_crc(bytes, 48, journal_magic));
    ByteReader in(body);
    SP_TRY(const auto zero, in.u64());
    SP_TRY(const auto number, in.u64());
    SP_TRY(const auto stamp, in.u64());
    SP_TRY(const auto first_batch, in.u64());
    if (zero != 0 || first_batch == 0) return refuse(Refusal::invalid, "journal.malformed");
    return JournalHeader{number, stamp, first_batch};
}

Bytes encode_batch_head(const BatchHead& head) {
    ByteWriter out;
    out.put(as_bytes(batch_magic));
    out.u32(head.payload_size);
    out.u64(head.stamp);
    out.u64(head.number);
    out.u32(head.payload_crc);
    out.u32(head.records);
    out.u32(0);
    return with_crc(std::move(out));
}

Result<BatchHead> decode_batch_head(BytesView bytes) {
    SP_TRY(const auto body, without_crc(bytes, batch_head_size, batch_magic));
    ByteReader in(body);
    BatchHead head;
    SP_TRY(head.payload_size, in.u32());
    SP_TRY(head.stamp, in.u64());
    SP_TRY(head.number, in.u64());
    SP_TRY(head.payload_crc, in.u32());
    SP_TRY(head.records, in.u32());
    SP_TRY(const auto zero, in.u32());
    if (zero != 0 || head.payload_size > batch_payload_max) {
        return refuse(Refusal::invalid, "journal.malformed");
    }
    return head;
}

std::string journal_name(std::uint64_t number) {
    return fmt::format("{:016x}{}", number, suffix);
}

std::optional<std::uint64_t> journal_number(std::string_view name) {
    if (name.size() != digits + suffix.size() || !name.ends_with(suffix)) return std::nullopt;
    std::uint64_t number = 0;
    const auto [stop, error] = std::from_chars(name.data(), name.data() + digits, number, 16);
    if (error != std::errc{} || stop != name.data() + digits) return std::nullopt;
    if (journal_name(number) != name) return std::nullopt;  // capitals
    return number;
}

}  // namespace sallyport::recording
