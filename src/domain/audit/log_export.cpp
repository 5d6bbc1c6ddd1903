#include "domain/audit/log_export.h"

#include "base/core/log.h"
#include "domain/audit/log_rows.h"

#include <fmt/format.h>

#include <algorithm>

namespace sallyport::audit {

namespace {

// The filter's conditions without where it begins; a row's place is the page's.
Conditions conditions_of(Filter filter) {
    filter.before_index.reset();
    return Conditions(filter);
}

ExportCursor at_loose_rows(const ExportRange& range) {
    return {.next = range.loose_first, .loose = true, .done = range.loose_first > range.loose_last};
}

ExportPage numbered_page(
    store::Tx& tx, const Filter& filter, const ExportRange& range, std::int64_t first
) {
    const auto end = std::min(range.numbered_end, first + export_page_rows_max);
    auto conditions = conditions_of(filter);
    conditions.add("leaf_index < ?", end);
    conditions.add("leaf_index >= ?", first);
    ExportPage page;
    add_entries(
        tx,
        page.entries,
        "leaf_index IS NOT NULL",
        conditions,
        {"leaf_index", RowOrder::upwards},
        export_page_events_max
    );
    const bool full = std::ssize(page.entries) == export_page_events_max;
    page.next.next = full ? page.entries.back().leaf_index.value() + 1 : end;
    if (page.next.next >= range.numbered_end) page.next = at_loose_rows(range);
    return page;
}

// Some may have been numbered meanwhile, all of them behind the range.
ExportPage loose_page(
    store::Tx& tx, const Filter& filter, const ExportRange& range, std::int64_t first
) {
    const auto end = std::min(range.loose_last + 1, first + export_page_events_max);
    auto conditions = conditions_of(filter);
    conditions.add("seq < ?", end);
    conditions.add("seq >= ?", first);
    conditions.add("(leaf_index IS NULL OR leaf_index >= ?)", range.numbered_end);
    ExportPage page;
    add_entries(
        tx, page.entries, "seq > 0", conditions, {"seq", RowOrder::upwards}, export_page_events_max
    );
    page.next = {.next = end, .loose = true, .done = end > range.loose_last};
    return page;
}

}  // namespace

ExportRange export_range(store::Tx& tx) {
    ExportRange range;
    const auto numbered = tx.query("SELECT MAX(leaf_index) FROM audit_event WHERE leaf_index >= 0");
    range.numbered_end = numbered.front().maybe_integer(0).value_or(-1) + 1;
    const auto loose =
        tx.query("SELECT COUNT(*), MIN(seq), MAX(seq) FROM audit_event WHERE leaf_index IS NULL");
    range.loose_count = loose.front().integer(0);
    range.loose_first = loose.front().maybe_integer(1).value_or(0);
    range.loose_last = loose.front().maybe_integer(2).value_or(-1);
    return range;
}

std::int64_t export_count(store::Tx& tx, const Filter& filter, const ExportRange& range) {
    const auto count = [&tx](const Conditions& conditions) {
        const auto sql = "SELECT COUNT(*) FROM audit_event WHERE seq > 0" + conditions.sql();
        return tx.query(sql, conditions.values()).front().integer(0);
    };
    auto numbered = conditions_of(filter);
    numbered.add("leaf_index >= ?", std::int64_t{0});
    numbered.add("leaf_index < ?", range.numbered_end);
    auto loose = conditions_of(filter);
    loose.add("seq >= ?", range.loose_first);
    loose.add("seq <= ?", range.loose_last);
    loose.add("(leaf_index IS NULL OR leaf_index >= ?)", range.numbered_end);
    return count(numbered) + count(loose);
}

std::string to_text(const ExportRange& range, const Filter& filter) {
    auto text = range.numbered_end == 0 ? std::string("no numbered events")
                                        : fmt::format("events 0 to {}", range.numbered_end - 1);
    if (range.loose_count > 0) text += fmt::format(", {} not yet numbered", range.loose_count);
    const auto add = [&text](std::string_view what, std::string_view value) {
        text += fmt::format("; {} {}", what, log::json_quoted(value));
    };
    if (!filter.type_prefix.empty()) add("type begins with", filter.type_prefix);
    if (!filter.object.empty()) add("object is", filter.object);
    if (filter.account) add("account is", filter.account->text());
    if (filter.session) add("session is", filter.session->text());
    if (filter.grant) add("grant is", filter.grant->text());
    if (filter.from) add("from", sallyport::to_text(*filter.from));
    if (filter.until) add("before", sallyport::to_text(*filter.until));
    return text;
}

ExportPage export_page(
    store::Tx& tx, const Filter& filter, const ExportRange& range, const ExportCursor& from
) {
    if (from.done) return {.entries = {}, .next = from};
    if (from.loose) return loose_page(tx, filter, range, from.next);
    if (from.next >= range.numbered_end) {
        const auto next = at_loose_rows(range);
        return {.entries = {}, .next = next};
    }
    return numbered_page(tx, filter, range, from.next);
}

}  // namespace sallyport::audit
