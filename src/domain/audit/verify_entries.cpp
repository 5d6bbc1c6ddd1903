#include "domain/audit/verify_entries.h"

#include "domain/audit/tiles.h"

#include <algorithm>
#include <map>
#include <utility>

namespace sallyport::audit {

namespace {

std::vector<Hash> read_level0(const LogFiles& files, CheckedBundle& bundle, std::uint64_t width) {
    const auto path = tile_path(0, bundle.first / tile_width, width);
    const auto bytes = read_tile_file(files, 0, bundle.first / tile_width, width);
    if (!bytes) {
        bundle.findings.push_back({"tile_missing", bundle.first, path});
        return {};
    }
    auto tile = parse_tile(*bytes);
    if (!tile || tile->size() != width) {
        bundle.findings.push_back({"tile_malformed", bundle.first, path});
        return {};
    }
    return *std::move(tile);
}

void read_entries(const LogFiles& files, CheckedBundle& bundle, std::uint64_t width) {
    const auto path = entries_path(bundle.first / tile_width, width);
    auto bytes = read_entries_file(files, bundle.first / tile_width, width);
    if (!bytes) {
        bundle.findings.push_back({"entries_missing", bundle.first, path});
        return;
    }
    bundle.bytes = *std::move(bytes);
    auto entries = parse_entries(bundle.bytes);
    if (!entries) {
        bundle.findings.push_back({"entries_malformed", bundle.first, path});
        return;
    }
    bundle.entries = *std::move(entries);
}

void compare(
    CheckedBundle& bundle, const std::vector<Hash>& found, const std::vector<Hash>& wanted
) {
    for (std::size_t i = 0; i < std::min(found.size(), wanted.size()); ++i) {
        if (found[i] == wanted[i]) continue;
        std::optional<Hash> next;
        if (i + 1 < wanted.size()) next = wanted[i + 1];
        bundle.mismatches.push_back({bundle.first + i, found[i], wanted[i], next});
    }
    if (found.size() == wanted.size() || !bundle.mismatches.empty()) return;
    const auto shorter = std::min(found.size(), wanted.size());
    bundle.findings.push_back(
        {found.size() < wanted.size() ? "entry_missing" : "entry_added",
         bundle.first + shorter,
         "the bundle has " + std::to_string(found.size()) + " entries, its tile " +
             std::to_string(wanted.size())}
    );
}

}  // namespace

void explain(const std::vector<Mismatch>& mismatches, const std::string& what, Findings& findings) {
    std::map<Hash, const Mismatch*> by_wanted;
    for (const auto& mismatch : mismatches) {
        by_wanted.emplace(mismatch.wanted, &mismatch);
    }
    // Behind something that was taken out, everything is one place off, which says nothing more.
    std::optional<std::uint64_t> shifted_upto;
    for (const auto& mismatch : mismatches) {
        const bool shifted = mismatch.wanted_next == mismatch.found;
        if (shifted_upto == mismatch.index && (shifted || !mismatch.wanted_next)) {
            shifted_upto = mismatch.index + 1;
            continue;
        }
        const auto place = by_wanted.find(mismatch.found);
        const bool swapped = place != by_wanted.end() && place->second->found == mismatch.wanted;
        if (swapped) {
            const auto other = place->second->index;
            if (other < mismatch.index) continue;
            findings.add(
                what == "entry" ? "entries_swapped" : what + "s_swapped",
                mismatch.index,
                "it stands at " + std::to_string(other) + ", and that one here"
            );
        } else if (shifted) {
            shifted_upto = mismatch.index + 1;
            findings.add(what + "_missing", mismatch.index, "the next one stands in its place");
        } else {
            findings.add(
                what + "_changed",
                mismatch.index,
                "its bytes hash to " + to_hex(mismatch.found) + ", not " + to_hex(mismatch.wanted)
            );
        }
    }
}

std::optional<BytesView> CheckedBundle::good_entry(std::uint64_t index) const {
    const auto place = index - first;
    if (place >= entries.size() || place >= hashes.size()) return std::nullopt;
    const bool doubted = !mismatches.empty() && index >= mismatches.front().index;
    if (doubted && leaf_hash(entries[place]) != hashes[place]) return std::nullopt;
    return entries[place];
}

CheckedBundle check_bundle(const LogFiles& files, std::uint64_t number, std::uint64_t width) {
    CheckedBundle bundle;
    bundle.first = number * tile_width;
    read_entries(files, bundle, width);
    std::vector<Hash> found;
    found.reserve(bundle.entries.size());
    for (const auto& entry : bundle.entries) {
        found.push_back(leaf_hash(entry));
    }
    bundle.hashes = read_level0(files, bundle, width);
    if (bundle.hashes.empty()) {
        bundle.hashes = std::move(found);
        if (bundle.hashes.size() > width) bundle.hashes.resize(width);
    } else if (!found.empty()) {
        compare(bundle, found, bundle.hashes);
    }
    return bundle;
}

}  // namespace sallyport::audit
