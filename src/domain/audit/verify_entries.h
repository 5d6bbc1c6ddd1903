#pragma once
// One bundle of entries against the hash tile beside it: which bytes are not those that the tree
// was built over.

#include "domain/audit/log_files.h"
#include "domain/audit/merkle.h"
#include "domain/audit/verify_report.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sallyport::audit {

// Something has another hash than it should. Collected over the whole log, since a swapped pair
// shows only when both halves are known.
struct Mismatch {
    std::uint64_t index;
    Hash found;
    Hash wanted;
    std::optional<Hash> wanted_next;  // of index + 1: found there, something was taken out here
};

// A swapped pair, something taken out, or something changed: kinds "<what>s_swapped",
// "<what>_missing", "<what>_changed".
void explain(const std::vector<Mismatch>& mismatches, const std::string& what, Findings& findings);

struct CheckedBundle {
    std::uint64_t first = 0;  // the index of its first event
    Bytes bytes;
    std::vector<BytesView> entries;  // into `bytes`; empty if the file is missing or malformed
    // What the tree is to be recomputed from: the tile's hashes if there is a tile, else those of
    // the entries. Where the two differ there is a mismatch, and the root tells which is wrong.
    std::vector<Hash> hashes;
    std::vector<Mismatch> mismatches;
    std::vector<Finding> findings;

    // The entry's bytes, if they are those that the tree has.
    [[nodiscard]] std::optional<BytesView> good_entry(std::uint64_t index) const;
};

// Reads and hashes bundle `number`, of `width` entries. Thread-safe.
[[nodiscard]] CheckedBundle check_bundle(
    const LogFiles& files, std::uint64_t number, std::uint64_t width
);

}  // namespace sallyport::audit
