#pragma once
// The manifest: what a sealed recording consists of. Its root hash is the SHA-256 of the file's
// exact bytes, and it holds the SHA-256 of every segment, so a stranger checks a recording with
// sha256sum. docs/protocols/recording.md. Pure.

#include "base/core/bytes.h"
#include "base/core/result.h"
#include "base/crypto/crypto.h"
#include "domain/recording/recorder.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::recording {

inline constexpr std::string_view manifest_name = "manifest.json";
inline constexpr std::size_t manifest_size_max = 4U << 20U;

struct SegmentEntry {
    std::string name;  // "000001.segment"
    std::uint64_t bytes = 0;
    crypto::Sha256Digest sha256{};
    std::uint64_t frames = 0;
    std::uint64_t first = 0;  // sequence numbers; 0 if it holds no frame
    std::uint64_t last = 0;
};

struct Gap {
    std::uint64_t from;
    std::uint64_t to;  // 0: how far is unknown
};

struct Manifest {
    RecordingInfo info;
    bool interrupted = false;  // no end was recorded: the process or the machine stopped
    std::string cause;
    Time closed_at;  // of an interrupted one: the last frame's time
    Bytes wrapped_key;
    std::vector<SegmentEntry> segments;
    std::uint64_t bulk_bytes = 0;
    std::uint64_t frames = 0;
    std::uint64_t exchanges = 0;
    std::vector<Gap> gaps;
};

[[nodiscard]] std::string to_json(const Manifest& manifest);
// Refuses invalid "manifest.malformed".
[[nodiscard]] Result<Manifest> parse_manifest(std::string_view json);

// What the `open` record and the manifest say about a recording.
[[nodiscard]] std::string to_json(const RecordingInfo& info);
[[nodiscard]] Result<RecordingInfo> parse_info(std::string_view json);

// What the last frame says.
struct EndNote {
    std::string cause;
    std::uint64_t frames = 0;  // all of the recording's, this one included
};

[[nodiscard]] std::string to_json(const EndNote& note);
[[nodiscard]] Result<EndNote> parse_end_note(std::string_view json);

// "2026/11/<connection id>": by the time in the id (UUIDv7), so that the id is enough to find it.
[[nodiscard]] std::string folder_of(const ConnectionId& connection);
[[nodiscard]] std::string segment_name(std::uint32_t number);  // "000001.segment"
[[nodiscard]] std::string index_name(std::uint32_t number);    // "000001.index"

inline constexpr std::string_view bulk_name = "bulk";
// Empty files named by connection: recordings that are not sealed yet.
inline constexpr std::string_view open_folder_name = "open";
inline constexpr std::string_view journal_folder_name = "journal";

}  // namespace sallyport::recording
