#pragma once
// Records: the units of journal and segment, byte for byte the same in both, so that moving a frame
// is copying it. docs/protocols/journal.md says what each byte means. Pure; every size is bounded.

#include "base/core/bytes.h"
#include "base/core/id.h"
#include "base/core/result.h"
#include "base/core/time.h"
#include "base/crypto/aead_sealer.h"
#include "base/crypto/crypto.h"
#include "base/crypto/secret.h"
#include "domain/recording/recorder.h"

#include <cstdint>
#include <string>

namespace sallyport::recording {

enum class RecordType : std::uint8_t {
    open = 1,   // the recording begins: its wrapped key and what it is about
    frame = 2,  // one sealed frame
    bulk = 3,   // where a long frame lies in the recording's bulk file, and its hash
};

// In clear, and bound to the ciphertext: with the nonce being the sequence, a record that was
// reordered, cut out or moved to another recording does not open.
struct RecordHead {
    RecordType type;
    std::uint8_t kind = 0;  // a FrameKind's number; 0 for `open`
    ConnectionId connection;
    std::uint64_t sequence = 0;  // 0 is `open`, frames count from 1
    Time at;
};

inline constexpr std::uint8_t record_version = 1;
inline constexpr std::size_t record_prefix_size = 8;  // length and CRC
inline constexpr std::size_t record_head_size = 36;   // what the AEAD binds
inline constexpr std::size_t frame_head_size = 16;    // stream, exchange, reference; sealed
inline constexpr std::size_t tag_size = 16;
inline constexpr std::size_t record_size_max =
    record_prefix_size + record_head_size + frame_head_size + inline_size_max + tag_size;
inline constexpr std::size_t info_size_max = 4096;
inline constexpr std::size_t wrapped_key_size_max = 512;

// A view of one record inside a buffer.
struct Record {
    RecordHead head;
    BytesView bound;  // the head's bytes
    BytesView body;
    BytesView whole;
};

[[nodiscard]] Bytes encode_record(const RecordHead& head, BytesView body);
// The record at the front of `bytes`. Refuses invalid "record.truncated" (more bytes are wanted),
// "record.malformed" (no writer wrote this), "record.damaged" (the CRC says no).
[[nodiscard]] Result<Record> decode_record(BytesView bytes);

// The body of an `open` record.
struct OpenBody {
    Bytes wrapped_key;
    std::string info_json;
};

[[nodiscard]] Bytes encode_open_body(const OpenBody& body);
[[nodiscard]] Result<OpenBody> decode_open_body(BytesView bytes);

// The body of a `bulk` record: which bytes of the bulk file hold the sealed frame.
struct BulkBody {
    std::uint64_t offset;
    std::uint64_t size;
    crypto::Sha256Digest digest;
};

[[nodiscard]] Bytes encode_bulk_body(const BulkBody& body);
[[nodiscard]] Result<BulkBody> decode_bulk_body(BytesView bytes);

// AES-256-GCM under the recording's own key; the nonce is four zero bytes and the sequence.
[[nodiscard]] Bytes seal_frame(
    const crypto::Secret& key, const RecordHead& head, const Frame& frame
);
// encode_record() of that in one piece and without a copy: what each frame of a request goes
// through.
[[nodiscard]] Bytes sealed_record(
    crypto::AeadSealer& sealer, const RecordHead& head, const Frame& frame
);
// Refuses "aead.not_authentic" and "record.malformed". `sealed` is the body of a `frame` record or
// the bulk file's bytes of a `bulk` one.
[[nodiscard]] Result<Frame> open_frame(
    const crypto::Secret& key, const Record& record, BytesView sealed
);

}  // namespace sallyport::recording
