#include "domain/audit/log.h"

#include "base/core/fault.h"
#include "base/store/page.h"
#include "domain/audit/catalogue.h"
#include "domain/audit/leaf.h"
#include "domain/audit/log_rows.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace sallyport::audit {

namespace {

constexpr std::size_t list_count_max = store::page_rows_max + 1;  // the one more tells of others

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
        const RowOrder newest_rows{"seq", RowOrder::downwards};
        add_entries(tx, entries, "leaf_index IS NULL", conditions, newest_rows, count_max);
    }
    if (entries.size() < count_max) {
        add_entries(
            tx,
            entries,
            "leaf_index IS NOT NULL",
            conditions,
            {"leaf_index", RowOrder::downwards},
            count_max - entries.size()
        );
    }
    return entries;
}

std::optional<Entry> find(store::Tx& tx, const EventId& id) {
    Conditions conditions({});
    conditions.add("event_id = ?", id.text());
    std::vector<Entry> entries;
    add_entries(tx, entries, "seq > 0", conditions, {"seq", RowOrder::upwards}, 1);
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
