#include "domain/audit/log.h"

#include "base/core/fault.h"
#include "base/core/log.h"
#include "domain/audit/catalogue.h"
#include "domain/audit/leaf.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace sallyport::audit {

namespace {

constexpr std::size_t list_count_max = 1000;

store::Value text(std::string_view text) {
    return std::string(text);
}

store::Value or_null(std::string_view value) {
    return value.empty() ? store::Value(nullptr) : text(value);
}

void insert_event(store::Tx& tx, const std::string& leaf) {
    const auto content = read_leaf(leaf);
    if (!content) throw Fault("an audit leaf could not be read back");
    const auto& columns = content->columns;
    const auto bytes = as_bytes(leaf);
    tx.execute(
        "INSERT INTO audit_event (event_id, leaf, at_us, type, person_id, account_id, role, "
        "actor_system, session_id, grant_id, action, object, outcome, reason, amr) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {text(columns.event_id),
         Bytes(bytes.begin(), bytes.end()),
         columns.at_us,
         text(columns.type),
         or_null(columns.person),
         or_null(columns.account),
         text(columns.role),
         text(columns.system),
         or_null(columns.session),
         or_null(columns.grant),
         text(columns.action),
         text(columns.object),
         text(columns.outcome),
         text(columns.reason),
         text(columns.amr)}
    );
}

void insert_personal(store::Tx& tx, const EventId& id, const std::vector<PersonalText>& texts) {
    if (texts.empty()) return;
    std::string sql = "INSERT INTO audit_personal (event_id, name, salt, content) VALUES ";
    std::vector<store::Value> values;
    for (const auto& beside : texts) {
        sql += values.empty() ? "(?, ?, ?, ?)" : ", (?, ?, ?, ?)";
        values.emplace_back(id.text());
        values.emplace_back(beside.name);
        values.emplace_back(Bytes(beside.salt.begin(), beside.salt.end()));
        values.emplace_back(beside.text);
    }
    tx.execute(sql, values);
}

// ---- reading -----------------------------------------------------------------------------------

// The conditions of a filter; each has its own text, so that the engine sees constants only where
// there are any.
class Conditions {
public:
    explicit Conditions(const Filter& filter) {
        if (!filter.type_prefix.empty()) {
            add("substr(type, 1, CAST(? AS INTEGER)) = ?",
                static_cast<std::int64_t>(filter.type_prefix.size()));
            values_.emplace_back(filter.type_prefix);
        }
        if (filter.account) add("account_id = ?", filter.account->text());
        if (filter.session) add("session_id = ?", filter.session->text());
        if (filter.grant) add("grant_id = ?", filter.grant->text());
        if (!filter.object.empty()) add("object = ?", filter.object);
        if (filter.from) add("at_us >= ?", store::value(*filter.from));
        if (filter.until) add("at_us < ?", store::value(*filter.until));
        if (filter.before_index) add("leaf_index < ?", *filter.before_index);
    }

    void add(std::string_view condition, store::Value value) {
        sql_ += " AND ";
        sql_ += condition;
        values_.push_back(std::move(value));
    }

    [[nodiscard]] const std::string& sql() const { return sql_; }

    [[nodiscard]] const std::vector<store::Value>& values() const { return values_; }

private:
    std::string sql_;
    std::vector<store::Value> values_;
};

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

// Up to `count_max` more entries where `which` holds, in the order of `order`, with what is left of
// their personal texts, in one statement.
void add_entries(
    store::Tx& tx,
    std::vector<Entry>& entries,
    std::string_view which,
    const Conditions& conditions,
    std::string_view order,
    std::size_t count_max
) {
    std::string sql = "SELECT ";
    sql.append(columns).append(", p.name, p.content FROM (SELECT seq, ").append(columns);
    sql.append(" FROM audit_event WHERE ").append(which).append(conditions.sql());
    sql.append(" ORDER BY ").append(order).append(" DESC LIMIT ?) e ");
    sql.append("LEFT JOIN audit_personal p USING (event_id) ");
    sql.append("ORDER BY e.").append(order).append(" DESC, p.name");
    auto values = conditions.values();
    values.emplace_back(static_cast<std::int64_t>(count_max));

    for (const auto& row : tx.query(sql, values)) {
        const bool same = !entries.empty() && entries.back().id.text() == row.text(0);
        if (!same) entries.push_back(entry_of(row));
        if (!row.is_null(12)) add_personal(entries.back(), row.text(12), row.text(13));
    }
}

}  // namespace

EventId append(store::Tx& tx, const Moment& moment, const Event& event) {
    check_event(event);
    const auto id = EventId::fresh(moment.now, moment.random);
    const auto leaf = encode_leaf(id, moment, event);
    insert_event(tx, leaf.bytes);
    insert_personal(tx, id, leaf.personal);
    return id;
}

std::vector<Entry> list(store::Tx& tx, const Filter& filter) {
    const Conditions conditions(filter);
    const auto count_max = std::min(filter.count_max, list_count_max);
    std::vector<Entry> entries;
    if (!filter.before_index) {
        add_entries(tx, entries, "leaf_index IS NULL", conditions, "seq", count_max);
    }
    if (entries.size() < count_max) {
        add_entries(
            tx,
            entries,
            "leaf_index IS NOT NULL",
            conditions,
            "leaf_index",
            count_max - entries.size()
        );
    }
    return entries;
}

std::optional<Entry> find(store::Tx& tx, const EventId& id) {
    Conditions conditions({});
    conditions.add("event_id = ?", id.text());
    std::vector<Entry> entries;
    add_entries(tx, entries, "seq > 0", conditions, "seq", 1);
    if (entries.empty()) return std::nullopt;
    return std::move(entries.front());
}

std::int64_t erase_personal(
    store::Tx& tx, const Moment& moment, const Actor& by, const PersonalScope& scope
) {
    std::string sql =
        "DELETE FROM audit_personal WHERE event_id IN "
        "(SELECT event_id FROM audit_event WHERE at_us < ?";
    std::vector<store::Value> values{store::value(scope.before)};
    if (scope.account) {
        sql += " AND account_id = ?";
        values.emplace_back(scope.account->text());
    }
    const auto count = tx.execute(sql + ")", values);

    const auto object = scope.account ? "account:" + scope.account->text() : "audit:all";
    auto event = event_by(by, "audit.personal_erased", "erase", object);
    event.fields.push_back({"before", to_text(scope.before)});
    event.fields.push_back({"count", count});
    append(tx, moment, event);
    return count;
}

}  // namespace sallyport::audit
