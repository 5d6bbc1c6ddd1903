#include "domain/recording/recordings.h"

#include "domain/recording/manifest.h"

#include <algorithm>

namespace sallyport::recording {
namespace {

struct FoundManifest {
    Bytes root_hash;
    Result<Manifest> manifest;
};

std::optional<FoundManifest> find_manifest(
    Disk& disk, const std::string& root, const ConnectionId& id
) {
    const auto path = root + "/" + folder_of(id) + "/" + std::string(manifest_name);
    if (!disk.exists(path)) return std::nullopt;
    const auto bytes = read_file(disk, path, manifest_size_max);
    const auto hash = crypto::sha256(bytes);
    return FoundManifest{Bytes(hash.begin(), hash.end()), parse_manifest(as_text(bytes))};
}

bool has_length(Disk& disk, const std::string& path, std::uint64_t bytes) {
    return disk.exists(path) && disk.open(path, OpenMode::read)->size() == bytes;
}

bool files_are_there(Disk& disk, const std::string& folder, const Manifest& manifest) {
    const bool segments = std::ranges::all_of(manifest.segments, [&](const SegmentEntry& segment) {
        return has_length(disk, folder + "/" + segment.name, segment.bytes);
    });
    return segments &&
           (manifest.bulk_bytes == 0 ||
            has_length(disk, folder + "/" + std::string(bulk_name), manifest.bulk_bytes));
}

// A Manifest names its own segments; nothing else is read by name.
bool names_are_ours(const Manifest& manifest) {
    std::uint32_t number = 0;
    return std::ranges::all_of(manifest.segments, [&](const SegmentEntry& segment) {
        return segment.name == segment_name(++number);
    });
}

}  // namespace

std::string_view to_text(RecordingState state) noexcept {
    switch (state) {
        case RecordingState::open:
            return "open";
        case RecordingState::sealed:
            return "sealed";
        case RecordingState::interrupted:
            return "interrupted";
        case RecordingState::missing:
            return "missing";
        case RecordingState::broken:
            return "broken";
    }
    return "broken";
}

RecordingEntry look_at_recording(
    Disk& disk, const std::string& root, const Connection& connection
) {
    RecordingEntry entry{.connection = connection, .exchanges = connection.exchanges};
    if (connection.state == SealState::open) {
        entry.state = RecordingState::open;
        return entry;
    }
    const auto found = find_manifest(disk, root, connection.id);
    if (!found) return entry;
    entry.state = RecordingState::broken;
    if (found->root_hash != connection.root_hash || !found->manifest) return entry;

    const auto& manifest = *found->manifest;
    entry.bytes = manifest.bulk_bytes;
    for (const auto& segment : manifest.segments) {
        entry.bytes += segment.bytes;
    }
    entry.exchanges = manifest.exchanges;
    entry.gaps = manifest.gaps.size();
    const auto folder = root + "/" + folder_of(connection.id);
    if (!names_are_ours(manifest) || !files_are_there(disk, folder, manifest)) return entry;
    entry.state = manifest.interrupted ? RecordingState::interrupted : RecordingState::sealed;
    return entry;
}

store::Page<RecordingEntry> list_recordings(
    store::Tx& tx, Disk& disk, const std::string& root, const ConnectionFilter& filter
) {
    const auto connections = list_connections(tx, filter);
    store::Page<RecordingEntry> entries{.rows = {}, .more = connections.more};
    for (const auto& connection : connections) {
        entries.rows.push_back(look_at_recording(disk, root, connection));
    }
    return entries;
}

std::size_t settle_recordings(
    store::Tx& tx, const Moment& moment, Disk& disk, const std::string& root
) {
    constexpr std::size_t at_once = 1000;
    const auto unsealed = list_connections(
        tx,
        {.account = {},
         .device = {},
         .state = SealState::open,
         .from = {},
         .until = {},
         .after = {},
         .count_max = at_once}
    );
    const auto by = audit::system_actor("recorder");
    for (const auto& connection : unsealed) {
        const auto& id = connection.id;
        const auto found = find_manifest(disk, root, id);
        if (!found || !found->manifest) {
            const detail::Settlement missing{
                .root_hash = {},
                .closing = {.cause = "interrupted", .exchanges = connection.exchanges},
                .closed_at = moment.now,
            };
            detail::settle_connection(tx, moment, connection, missing, by);
            record_gap(tx, moment, id, {0, 0, found ? "unreadable" : "missing"}, by);
            continue;
        }
        const auto& manifest = *found->manifest;
        const detail::Settlement settlement{
            .state = manifest.interrupted ? SealState::interrupted : SealState::sealed,
            .root_hash = found->root_hash,
            .closing = {.cause = manifest.cause, .exchanges = manifest.exchanges},
            .closed_at = std::max(manifest.closed_at, connection.opened_at),
        };
        detail::settle_connection(tx, moment, connection, settlement, by);
        for (const auto& gap : manifest.gaps) {
            record_gap(tx, moment, id, {gap.from, gap.to, "lost"}, by);
        }
    }
    return unsealed.size();
}

}  // namespace sallyport::recording
