#include "domain/audit/log_rows.h"

#include "base/core/log.h"

#include <utility>

namespace sallyport::audit {

namespace {

constexpr std::string_view columns =
    "event_id, leaf_index, at_us, type, role, actor_system, action, object, outcome, reason, amr, "
    "leaf";

Entry entry_of(const store::Row& row) {
    return {
        .id = row.id<EventId>(0),
        .leaf_index = row.maybe_integer(1),
        .at = row.time(2),
        .type = row.text(3),
        .account_name = {},
        .role = row.text(4),
        .system = row.text(5),
        .source = {},
        .action = row.text(6),
        .object = row.text(7),
        .outcome = row.text(8),
        .reason = row.text(9),
        .amr = row.text(10),
        .leaf_json = std::string(as_text(row.blob(11))),
        .personal_json = "{}",
    };
}

void add_personal(Entry& entry, const std::string& name, const std::string& content) {
    if (name == "who.account_name") entry.account_name = content;
    if (name == "where.source") entry.source = content;
    auto& json = entry.personal_json;
    json.pop_back();
    if (json.size() > 1) json += ',';
    json += log::json_quoted(name) + ':' + log::json_quoted(content) + '}';
}

}  // namespace

void add_entries(
    store::Tx& tx,
    std::vector<Entry>& entries,
    std::string_view which,
    const Conditions& conditions,
    const RowOrder& order,
    std::size_t count_max
) {
    std::string sql = "SELECT ";
    sql.append(columns).append(", p.name, p.content FROM (SELECT seq, ").append(columns);
    sql.append(" FROM audit_event WHERE ").append(which).append(conditions.sql());
    const std::string_view way = order.way == RowOrder::upwards ? " ASC" : " DESC";
    sql.append(" ORDER BY ").append(order.column).append(way).append(" LIMIT ?) e ");
    sql.append("LEFT JOIN audit_personal p USING (event_id) ");
    sql.append("ORDER BY e.").append(order.column).append(way).append(", p.name");
    auto values = conditions.values();
    values.emplace_back(static_cast<std::int64_t>(count_max));

    for (const auto& row : tx.query(sql, values)) {
        const bool same = !entries.empty() && entries.back().id.text() == row.text(0);
        if (!same) entries.push_back(entry_of(row));
        if (!row.is_null(12)) add_personal(entries.back(), row.text(12), row.text(13));
    }
}

}  // namespace sallyport::audit
