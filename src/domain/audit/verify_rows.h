#pragma once
// The database's rows against the log: the leaf's bytes, the columns derived from it, and the
// personal texts that its commitments stand for.

#include "base/store/tx.h"
#include "domain/audit/verify_entries.h"
#include "domain/audit/verify_report.h"

#include <cstdint>
#include <span>
#include <vector>

namespace sallyport::audit {

// What the database says about the events [first, end).
struct RowStretch {
    std::uint64_t first = 0;
    std::uint64_t end = 0;
    std::vector<store::Row> events;    // by leaf index
    std::vector<store::Row> personal;  // by event id; may hold those of other events too
    bool joined = true;                // the text columns came as one
};

[[nodiscard]] RowStretch read_stretch(store::Tx& tx, std::uint64_t first, std::uint64_t end);

struct RowResult {
    std::uint64_t rows = 0;      // whose bytes are the log's
    std::uint64_t personal = 0;  // texts that match
    std::uint64_t erased = 0;    // commitments without a text
    std::vector<Mismatch> mismatches;
    std::vector<Finding> findings;
};

// Compares the events of `bundle` with the database. Thread-safe.
[[nodiscard]] RowResult check_rows(const RowStretch& stretch, const CheckedBundle& bundle);

// How many personal texts the database's own audit.personal_erased events say are gone.
[[nodiscard]] std::uint64_t count_told_erased(store::Tx& tx);
// Rows with an index that no event can have.
[[nodiscard]] std::uint64_t count_misnumbered(store::Tx& tx);

}  // namespace sallyport::audit
