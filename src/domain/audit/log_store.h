#pragma once
// The log's rows as the sequencer and `verify` read and number them.

#include "base/store/tx.h"
#include "domain/audit/merkle.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace sallyport::audit {

// The tree over all numbered rows, and who may number the next ones.
struct LogHead {
    GrowingTree tree;
    Hash root{};
    std::int64_t epoch = 0;
};

// Nothing before the first sequencer. A row that does not make sense is a Fault.
[[nodiscard]] std::optional<LogHead> read_head(store::Tx& tx);
// Makes this caller the one who numbers: whoever did so before finds its epoch gone.
[[nodiscard]] LogHead take_over(store::Tx& tx);

// Numbers up to `count_max` committed rows in the order of their insertion and moves the head with
// them. Nothing if the epoch is not the newest any more.
[[nodiscard]] std::optional<LogHead> number_rows(
    store::Tx& tx, std::int64_t epoch, std::size_t count_max
);

[[nodiscard]] bool has_unnumbered(store::Tx& tx);
[[nodiscard]] std::uint64_t count_unnumbered(store::Tx& tx);
// One more than the highest leaf index; 0 if no row is numbered.
[[nodiscard]] std::uint64_t numbered_end(store::Tx& tx);

// The leaves [first, end), or as many from `first` on as have no gap between them.
[[nodiscard]] std::vector<Bytes> read_leaves(store::Tx& tx, std::uint64_t first, std::uint64_t end);

}  // namespace sallyport::audit
