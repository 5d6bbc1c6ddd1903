#pragma once
// All events that a filter selects, oldest first, page by page: each page is a short transaction of
// its own, and bounded, so a log of any length is read without being held or holding up others. The
// range is fixed before the first page; since the log only grows, every page sees the same events.

#include "base/store/tx.h"
#include "domain/audit/log.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sallyport::audit {

// What there was when it was asked: the events [0, numbered_end) of the log, and those rows that no
// sequencer had numbered yet.
struct ExportRange {
    std::int64_t numbered_end = 0;
    std::int64_t loose_count = 0;
    std::int64_t loose_first = 0;  // of the rows' own numbers, both included
    std::int64_t loose_last = -1;
};

[[nodiscard]] ExportRange export_range(store::Tx& tx);

// How many events of the range the filter selects.
[[nodiscard]] std::int64_t export_count(
    store::Tx& tx, const Filter& filter, const ExportRange& range
);

// The range and every condition of the filter, plainly: "events 0 to 41, 1 not yet numbered; type
// begins with \"grant.\"; object is \"device:pump-07\"". The filter's count_max is no part of it.
[[nodiscard]] std::string to_text(const ExportRange& range, const Filter& filter);

// Where the next page begins.
struct ExportCursor {
    std::int64_t next = 0;  // a leaf index, or a row's own number once `loose`
    bool loose = false;
    bool done = false;
};

struct ExportPage {
    std::vector<Entry> entries;  // may be empty before the end: a page looks at so many rows only
    ExportCursor next;
};

// Of the filter, count_max and before_index are not asked.
[[nodiscard]] ExportPage export_page(
    store::Tx& tx, const Filter& filter, const ExportRange& range, const ExportCursor& from
);

inline constexpr std::int64_t export_page_events_max = 200;
inline constexpr std::int64_t export_page_rows_max = 50'000;  // looked at

}  // namespace sallyport::audit
