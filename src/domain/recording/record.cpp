#include "domain/recording/record.h"

#include "domain/recording/crc32c.h"

#include <algorithm>
#include <array>
#include <concepts>

namespace sallyport::recording {
namespace {

constexpr auto frame_kind_max = static_cast<std::uint8_t>(FrameKind::end);

// Big-endian.
template <std::unsigned_integral T>
void store(std::span<std::byte> out, std::size_t at, T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        const auto shift = 8 * (sizeof(T) - 1 - i);
        out[at + i] = static_cast<std::byte>(static_cast<std::uint64_t>(value) >> shift & 0xFFU);
    }
}

// The fixed parts, each in its place once: sealing on the way of a request copies them, and nothing
// is allocated for them.
std::array<std::byte, record_head_size> encode_head(const RecordHead& head) {
    std::array<std::byte, record_head_size> bytes{};
    bytes[0] = static_cast<std::byte>(record_version);
    bytes[1] = static_cast<std::byte>(head.type);
    bytes[2] = static_cast<std::byte>(head.kind);
    std::ranges::copy(head.connection.bytes(), bytes.begin() + 4);
    store(bytes, 20, head.sequence);
    store(bytes, 28, static_cast<std::uint64_t>(to_micros(head.at)));
    return bytes;
}

std::array<std::byte, frame_head_size> encode_frame_head(const Frame& frame) {
    std::array<std::byte, frame_head_size> bytes{};
    store(bytes, 0, frame.stream);
    store(bytes, 4, frame.exchange);
    store(bytes, 8, frame.reference);
    return bytes;
}

Result<RecordHead> read_head(BytesView bytes) {
    ByteReader in(bytes);
    SP_TRY(const auto version, in.u8());
    SP_TRY(const auto type, in.u8());
    SP_TRY(const auto kind, in.u8());
    SP_TRY(const auto zero, in.u8());
    SP_TRY(const auto connection, in.take(sizeof(IdBytes)));
    SP_TRY(const auto sequence, in.u64());
    SP_TRY(const auto at, in.u64());

    const bool is_open = type == static_cast<std::uint8_t>(RecordType::open);
    const bool known = version == record_version && zero == 0 &&
                       type >= static_cast<std::uint8_t>(RecordType::open) &&
                       type <= static_cast<std::uint8_t>(RecordType::bulk);
    if (!known || is_open != (kind == 0) || kind > frame_kind_max || is_open != (sequence == 0)) {
        return refuse(Refusal::invalid, "record.malformed");
    }
    IdBytes id{};
    std::ranges::copy(connection, id.begin());
    return RecordHead{
        static_cast<RecordType>(type),
        kind,
        ConnectionId::from_bytes(id),
        sequence,
        from_micros(static_cast<std::int64_t>(at)),
    };
}

std::array<std::byte, 12> nonce_of(std::uint64_t sequence) {
    std::array<std::byte, 12> nonce{};
    for (std::size_t i = 0; i < 8; ++i) {
        nonce[11 - i] = static_cast<std::byte>(sequence >> (8 * i));
    }
    return nonce;
}

}  // namespace

Bytes encode_record(const RecordHead& head, BytesView body) {
    ByteWriter bound;
    bound.put(encode_head(head));
    ByteWriter prefix;
    prefix.u32(static_cast<std::uint32_t>(bound.bytes().size() + body.size()));
    prefix.u32(crc32c(body, crc32c(bound.bytes())));

    Bytes out;
    out.reserve(record_prefix_size + bound.bytes().size() + body.size());
    for (const BytesView part : {BytesView(prefix.bytes()), BytesView(bound.bytes()), body}) {
        out.insert(out.end(), part.begin(), part.end());
    }
    return out;
}

Result<Record> decode_record(BytesView bytes) {
    if (bytes.size() < record_prefix_size) return refuse(Refusal::invalid, "record.truncated");
    ByteReader in(bytes);
    SP_TRY(const auto size, in.u32());
    SP_TRY(const auto crc, in.u32());
    if (size < record_head_size || size > record_size_max - record_prefix_size) {
        return refuse(Refusal::invalid, "record.malformed");
    }
    if (in.left() < size) return refuse(Refusal::invalid, "record.truncated");
    SP_TRY(const auto rest, in.take(size));
    if (crc32c(rest) != crc) return refuse(Refusal::invalid, "record.damaged");
    SP_TRY(const auto head, read_head(rest));
    return Record{
        head,
        rest.first(record_head_size),
        rest.subspan(record_head_size),
        bytes.first(record_prefix_size + size),
    };
}

Bytes encode_open_body(const OpenBody& body) {
    ByteWriter out;
    out.u16(static_cast<std::uint16_t>(body.wrapped_key.size()));
    out.put(body.wrapped_key);
    out.u16(static_cast<std::uint16_t>(body.info_json.size()));
    out.put(as_bytes(body.info_json));
    return std::move(out).take();
}

Result<OpenBody> decode_open_body(BytesView bytes) {
    ByteReader in(bytes);
    SP_TRY(const auto key_size, in.u16());
    SP_TRY(const auto key, in.take(key_size));
    SP_TRY(const auto info_size, in.u16());
    SP_TRY(const auto info, in.take(info_size));
    if (in.left() != 0 || key_size > wrapped_key_size_max || info_size > info_size_max) {
        return refuse(Refusal::invalid, "record.malformed");
    }
    return OpenBody{Bytes(key.begin(), key.end()), std::string(as_text(info))};
}

Bytes encode_bulk_body(const BulkBody& body) {
    ByteWriter out;
    out.u64(body.offset);
    out.u64(body.size);
    out.put(body.digest);
    return std::move(out).take();
}

Result<BulkBody> decode_bulk_body(BytesView bytes) {
    ByteReader in(bytes);
    SP_TRY(const auto offset, in.u64());
    SP_TRY(const auto size, in.u64());
    SP_TRY(const auto digest, in.take(sizeof(crypto::Sha256Digest)));
    constexpr auto size_min = frame_head_size + tag_size;
    if (in.left() != 0 || size < size_min || size > payload_size_max + size_min ||
        offset > (std::uint64_t{1} << 62U)) {
        return refuse(Refusal::invalid, "record.malformed");
    }
    BulkBody body{offset, size, {}};
    std::ranges::copy(digest, body.digest.begin());
    return body;
}

Bytes seal_frame(const crypto::Secret& key, const RecordHead& head, const Frame& frame) {
    ByteWriter plain;
    plain.put(encode_frame_head(frame));
    plain.put(frame.payload);
    return crypto::aead_seal_at(key, nonce_of(head.sequence), encode_head(head), plain.bytes());
}

Bytes sealed_record(crypto::AeadSealer& sealer, const RecordHead& head, const Frame& frame) {
    constexpr auto body_at = record_prefix_size + record_head_size;
    constexpr auto payload_at = body_at + frame_head_size;
    Bytes record(payload_at + frame.payload.size() + tag_size);
    const auto rest = std::span(record).subspan(record_prefix_size);
    const auto bound = rest.first(record_head_size);
    std::ranges::copy(encode_head(head), bound.begin());
    std::ranges::copy(encode_frame_head(frame), record.begin() + body_at);
    std::ranges::copy(frame.payload, record.begin() + payload_at);
    sealer.seal_in_place(nonce_of(head.sequence), bound, std::span(record).subspan(body_at));

    store(record, 0, static_cast<std::uint32_t>(rest.size()));
    store(record, 4, crc32c(rest));
    return record;
}

Result<Frame> open_frame(const crypto::Secret& key, const Record& record, BytesView sealed) {
    SP_TRY(
        const Bytes plain,
        crypto::aead_open_at(key, nonce_of(record.head.sequence), record.bound, sealed)
    );
    ByteReader in(plain);
    Frame frame{
        .kind = static_cast<FrameKind>(record.head.kind), .at = record.head.at, .payload = {}
    };
    SP_TRY(frame.stream, in.u32());
    SP_TRY(frame.exchange, in.u32());
    SP_TRY(frame.reference, in.u64());
    SP_TRY(const auto payload, in.take(in.left()));
    frame.payload.assign(payload.begin(), payload.end());
    return frame;
}

}  // namespace sallyport::recording
