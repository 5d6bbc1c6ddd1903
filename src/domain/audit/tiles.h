#pragma once
// C2SP tlog-tiles: the log as files. Entries lie in bundles of up to 256 (each with its size in 16
// bits, big-endian, in front), the tree's hashes in tiles of up to 256 at every eighth level. A
// bundle or tile that is not full yet carries its width in its name and is replaced as it grows.

#include "base/core/bytes.h"
#include "base/core/result.h"
#include "domain/audit/log_files.h"
#include "domain/audit/merkle.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sallyport::audit {

constexpr std::uint64_t tile_width = 256;
constexpr unsigned tile_height = 8;

// "tile/0/x001/234", and "tile/0/x001/234.p/17" while it has only 17 hashes.
[[nodiscard]] std::string tile_path(unsigned level, std::uint64_t index, std::uint64_t width);
// "tile/entries/x001/234", and so on.
[[nodiscard]] std::string entries_path(std::uint64_t index, std::uint64_t width);

// How many hashes the tile has in a tree of this size: 0 (none yet) to 256.
[[nodiscard]] std::uint64_t width_of(unsigned level, std::uint64_t index, std::uint64_t size);

// Views into `bundle`. Refuses "tiles.entries_malformed": cut off, empty, or more than 256.
[[nodiscard]] Result<std::vector<BytesView>> parse_entries(BytesView bundle);
// `entry` has at most 65,535 bytes; more is a Fault.
void append_entry(Bytes& bundle, BytesView entry);
// Refuses "tiles.tile_malformed": empty, not whole hashes, or more than 256.
[[nodiscard]] Result<std::vector<Hash>> parse_tile(BytesView tile);

// The first `width` hashes of a tile, entries of a bundle, as bytes. A partial file goes once the
// full one is there, which then is read instead, as C2SP tlog-tiles has it of every client: whoever
// looks at a log that grows may hold an older checkpoint. None: neither is there, or the full one
// is not what it should be.
[[nodiscard]] std::optional<Bytes> read_tile_file(
    const LogFiles& files, unsigned level, std::uint64_t index, std::uint64_t width
);
[[nodiscard]] std::optional<Bytes> read_entries_file(
    const LogFiles& files, std::uint64_t index, std::uint64_t width
);

// Turns entries into files, front to back. Holds only what is not full yet.
class TileWriter {
public:
    TileWriter() = default;
    // Goes on where the files end, at a tree of `size`. Refuses "tiles.incomplete" with the path in
    // `detail` if a file at the tree's right edge is missing or not what its name says.
    [[nodiscard]] static Result<TileWriter> resume(const LogFiles& files, std::uint64_t size);

    void append(BytesView entry);

    [[nodiscard]] const GrowingTree& tree() const noexcept { return tree_; }

    // What has to be written so that the files hold the tree as it is now: what was filled since
    // the last call, and what is not full yet.
    [[nodiscard]] std::vector<LogFile> take_files();

    // The folders of partial files whose full file was made since the last call.
    [[nodiscard]] std::vector<std::string> take_filled_folders();

private:
    void add_hash(unsigned tile_level, const Hash& hash);

    GrowingTree tree_;
    Bytes bundle_;                          // entries of the bundle that grows
    std::vector<std::vector<Hash>> tiles_;  // by level: the tile that grows
    std::vector<LogFile> full_;             // filled since take_files()
    std::vector<std::string> filled_folders_;
};

// The nodes of the tree of `size` from the tiles. A tile that is missing or malformed is a Fault.
[[nodiscard]] NodeSource tile_nodes(const LogFiles& files, std::uint64_t size);

}  // namespace sallyport::audit
