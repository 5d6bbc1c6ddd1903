#include "domain/audit/tiles.h"

#include "base/core/fault.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace sallyport::audit {

namespace {

// tlog-tiles: the index in groups of three digits, all but the last with an 'x' in front.
std::string index_path(std::uint64_t index) {
    auto digits = std::to_string(index);
    digits.insert(0, (3 - digits.size() % 3) % 3, '0');
    std::string path;
    for (std::size_t at = 0; at < digits.size(); at += 3) {
        if (at + 3 < digits.size()) path += 'x';
        path += digits.substr(at, 3);
        if (at + 3 < digits.size()) path += '/';
    }
    return path;
}

std::string with_width(std::string path, std::uint64_t width) {
    if (width < tile_width) path += ".p/" + std::to_string(width);
    return path;
}

Bytes tile_bytes(const std::vector<Hash>& hashes) {
    Bytes bytes;
    bytes.reserve(hashes.size() * sizeof(Hash));
    for (const auto& hash : hashes) {
        bytes.insert(bytes.end(), hash.begin(), hash.end());
    }
    return bytes;
}

// The node over `hashes`, whose number is a power of two.
Hash fold(std::span<const Hash> hashes) {
    if (hashes.size() == 1) return hashes[0];
    const auto half = hashes.size() / 2;
    return node_hash(fold(hashes.first(half)), fold(hashes.subspan(half)));
}

Result<std::vector<Hash>> read_tile(
    const LogFiles& files, unsigned level, std::uint64_t index, std::uint64_t width
) {
    const auto path = tile_path(level, index, width);
    const auto no = [&] { return refuse(Refusal::invalid, "tiles.incomplete", path); };
    const auto bytes = files.read(path);
    if (!bytes) return no();
    auto hashes = parse_tile(*bytes);
    if (!hashes || hashes->size() != width) return no();
    return hashes;
}

}  // namespace

std::string tile_path(unsigned level, std::uint64_t index, std::uint64_t width) {
    return with_width("tile/" + std::to_string(level) + '/' + index_path(index), width);
}

std::string entries_path(std::uint64_t index, std::uint64_t width) {
    return with_width("tile/entries/" + index_path(index), width);
}

std::uint64_t width_of(unsigned level, std::uint64_t index, std::uint64_t size) {
    const auto hashes = level * tile_height < 64 ? size >> (level * tile_height) : 0;
    const auto before = index * tile_width;
    return hashes <= before ? 0 : std::min(hashes - before, tile_width);
}

Result<std::vector<BytesView>> parse_entries(BytesView bundle) {
    const auto no = [] { return refuse(Refusal::invalid, "tiles.entries_malformed"); };
    ByteReader reader(bundle);
    std::vector<BytesView> entries;
    entries.reserve(tile_width);
    while (reader.left() > 0) {
        const auto size = reader.u16();
        if (!size || entries.size() == tile_width) return no();
        const auto entry = reader.take(*size);
        if (!entry) return no();
        entries.push_back(*entry);
    }
    if (entries.empty()) return no();
    return entries;
}

void append_entry(Bytes& bundle, BytesView entry) {
    if (entry.size() > 0xFFFF) throw Fault("a log entry is larger than 65,535 bytes");
    bundle.push_back(static_cast<std::byte>(entry.size() >> 8U));
    bundle.push_back(static_cast<std::byte>(entry.size() & 0xFFU));
    bundle.insert(bundle.end(), entry.begin(), entry.end());
}

Result<std::vector<Hash>> parse_tile(BytesView tile) {
    if (tile.empty() || tile.size() % sizeof(Hash) != 0 ||
        tile.size() > tile_width * sizeof(Hash)) {
        return refuse(Refusal::invalid, "tiles.tile_malformed");
    }
    std::vector<Hash> hashes(tile.size() / sizeof(Hash));
    for (auto& hash : hashes) {
        std::ranges::copy(tile.first(sizeof(Hash)), hash.begin());
        tile = tile.subspan(sizeof(Hash));
    }
    return hashes;
}

std::optional<Bytes> read_tile_file(
    const LogFiles& files, unsigned level, std::uint64_t index, std::uint64_t width
) {
    auto bytes = files.read(tile_path(level, index, width));
    if (bytes || width == tile_width) return bytes;
    bytes = files.read(tile_path(level, index, tile_width));
    if (!bytes || bytes->size() != tile_width * sizeof(Hash)) return std::nullopt;
    bytes->resize(width * sizeof(Hash));
    return bytes;
}

std::optional<Bytes> read_entries_file(
    const LogFiles& files, std::uint64_t index, std::uint64_t width
) {
    auto bytes = files.read(entries_path(index, width));
    if (bytes || width == tile_width) return bytes;
    bytes = files.read(entries_path(index, tile_width));
    if (!bytes) return std::nullopt;
    const auto entries = parse_entries(*bytes);
    if (!entries || entries->size() != tile_width) return std::nullopt;
    const auto& last = entries->at(width - 1);
    bytes->resize(static_cast<std::size_t>(last.data() + last.size() - bytes->data()));
    return bytes;
}

Result<TileWriter> TileWriter::resume(const LogFiles& files, std::uint64_t size) {
    TileWriter writer;
    for (unsigned level = 0; level < 8 && size >> (level * tile_height) > 0; ++level) {
        auto& tile = writer.tiles_.emplace_back();
        const auto index = (size >> (level * tile_height)) / tile_width;
        const auto width = width_of(level, index, size);
        if (width == 0) continue;
        SP_TRY(tile, read_tile(files, level, index, width));
    }

    if (const auto width = size % tile_width; width > 0) {
        const auto path = entries_path(size / tile_width, width);
        auto bundle = files.read(path);
        const auto entries = bundle ? parse_entries(*bundle) : Result<std::vector<BytesView>>();
        if (!bundle || !entries || entries->size() != width) {
            return refuse(Refusal::invalid, "tiles.incomplete", path);
        }
        writer.bundle_ = *std::move(bundle);
    }

    // The roots of the tree's complete subtrees, largest first, lie in those same tiles.
    std::vector<Hash> subtrees;
    for (auto level = writer.tiles_.size(); level-- > 0;) {
        std::span<const Hash> rest = writer.tiles_[level];
        for (auto part = tile_width / 2; part > 0; part /= 2) {
            if ((rest.size() & part) == 0) continue;
            subtrees.push_back(fold(rest.first(part)));
            rest = rest.subspan(part);
        }
    }
    SP_TRY(writer.tree_, GrowingTree::restore(size, std::move(subtrees)));
    return writer;
}

void TileWriter::add_hash(unsigned tile_level, const Hash& hash) {
    if (tiles_.size() <= tile_level) tiles_.resize(tile_level + 1);
    auto& tile = tiles_[tile_level];
    tile.push_back(hash);
    if (tile.size() < tile_width) return;
    // The tree's size counts the leaf that fills this tile only after the callback.
    const auto index = tree_.size() >> (tile_height * (tile_level + 1));
    full_.push_back({tile_path(tile_level, index, tile_width), tile_bytes(tile)});
    filled_folders_.push_back(tile_path(tile_level, index, tile_width) + ".p");
    tile.clear();
}

void TileWriter::append(BytesView entry) {
    append_entry(bundle_, entry);
    tree_.append(leaf_hash(entry), [this](unsigned level, const Hash& hash) {
        if (level % tile_height == 0) add_hash(level / tile_height, hash);
    });
    if (tree_.size() % tile_width == 0) {
        const auto path = entries_path(tree_.size() / tile_width - 1, tile_width);
        full_.push_back({path, std::exchange(bundle_, {})});
        filled_folders_.push_back(path + ".p");
    }
}

std::vector<LogFile> TileWriter::take_files() {
    auto files = std::exchange(full_, {});
    for (unsigned level = 0; level < tiles_.size(); ++level) {
        const auto& tile = tiles_[level];
        if (tile.empty()) continue;
        const auto index = tree_.size() >> (tile_height * (level + 1));
        files.push_back({tile_path(level, index, tile.size()), tile_bytes(tile)});
    }
    if (!bundle_.empty()) {
        const auto index = tree_.size() / tile_width;
        const auto width = tree_.size() % tile_width;
        files.push_back({entries_path(index, width), bundle_});
    }
    return files;
}

std::vector<std::string> TileWriter::take_filled_folders() {
    return std::exchange(filled_folders_, {});
}

NodeSource tile_nodes(const LogFiles& files, std::uint64_t size) {
    // A proof asks for neighbours: the last tile of each level is kept.
    using Cache = std::map<unsigned, std::pair<std::uint64_t, std::vector<Hash>>>;
    const auto cache = std::make_shared<Cache>();
    return [&files, size, cache](unsigned level, std::uint64_t index) {
        const auto tile_level = level / tile_height;
        const auto part = std::uint64_t{1} << (level % tile_height);
        const auto first = index * part;
        auto& [number, tile] = (*cache)[tile_level];
        if (tile.empty() || number != first / tile_width) {
            const auto width = width_of(tile_level, first / tile_width, size);
            auto read = read_tile(files, tile_level, first / tile_width, width);
            if (!read) throw Fault("the log's file " + read.error().detail + " is not readable");
            number = first / tile_width;
            tile = *std::move(read);
        }
        const auto offset = first % tile_width;
        if (offset + part > tile.size()) throw Fault("a tile of the log is too short");
        return fold(std::span(tile).subspan(offset, part));
    };
}

}  // namespace sallyport::audit
