#include "domain/governance/recovery_store.h"

#include "base/core/fault.h"

#include <algorithm>
#include <array>

namespace sallyport::governance {

using store::value;

namespace {

constexpr std::array<std::string_view, 4> check_texts = {
    "called_back", "card_in_person", "card_on_video", "manager_confirmed"
};
constexpr std::array<std::string_view, 2> origin_texts = {"help_desk", "host"};
constexpr std::array<std::string_view, 5> state_texts = {
    "open", "approved", "refused", "completed", "lapsed"
};

constexpr std::string_view columns =
    "SELECT id, account_id, origin, checks, note, opened_by, opened_at, ends_at, state, "
    "decided_by, decided_at, decision_reason, ticket_id FROM recovery_case ";

RecoveryState read_state(std::string_view text) {
    const auto* const found = std::ranges::find(state_texts, text);
    if (found == state_texts.end()) throw Fault("a recovery row has a state that is not known");
    return static_cast<RecoveryState>(found - state_texts.begin());
}

std::vector<CallerCheck> read_checks(std::string_view text) {
    std::vector<CallerCheck> checks;
    while (!text.empty()) {
        const auto word = text.substr(0, text.find(' '));
        const auto check = caller_check(word);
        if (!check) throw Fault("a recovery row has a check that is not known");
        checks.push_back(*check);
        text.remove_prefix(std::min(text.size(), word.size() + 1));
    }
    return checks;
}

RecoveryCase read_row(const store::Row& row) {
    return {
        .id = row.id<RecoveryId>(0),
        .account = row.id<AccountId>(1),
        .origin = row.text(2) == "host" ? RecoveryOrigin::host : RecoveryOrigin::help_desk,
        .checks = read_checks(row.text(3)),
        .note = row.text(4),
        .opened_by = row.maybe_id<AccountId>(5),
        .opened_at = row.time(6),
        .ends_at = row.time(7),
        .state = read_state(row.text(8)),
        .decided_by = row.maybe_id<AccountId>(9),
        .decided_at = row.maybe_time(10),
        .decision_reason = row.text(11),
        .ticket = row.maybe_id<TicketId>(12),
    };
}

std::vector<RecoveryCase> cases_in(const std::vector<store::Row>& rows) {
    std::vector<RecoveryCase> cases;
    cases.reserve(rows.size());
    for (const auto& row : rows) {
        cases.push_back(read_row(row));
    }
    return cases;
}

std::optional<RecoveryCase> first_of(const std::vector<store::Row>& rows) {
    if (rows.empty()) return std::nullopt;
    return read_row(rows.front());
}

}  // namespace

std::string_view to_text(CallerCheck check) noexcept {
    return check_texts[static_cast<std::size_t>(check)];
}

std::optional<CallerCheck> caller_check(std::string_view text) noexcept {
    const auto* const found = std::ranges::find(check_texts, text);
    if (found == check_texts.end()) return std::nullopt;
    return static_cast<CallerCheck>(found - check_texts.begin());
}

std::string_view to_text(RecoveryOrigin origin) noexcept {
    return origin_texts[static_cast<std::size_t>(origin)];
}

std::string_view to_text(RecoveryState state) noexcept {
    return state_texts[static_cast<std::size_t>(state)];
}

void insert_recovery(
    store::Tx& tx, const RecoveryCase& recovery, const std::optional<Bytes>& agent_mac
) {
    std::string checks;
    for (const auto check : recovery.checks) {
        if (!checks.empty()) checks += ' ';
        checks += to_text(check);
    }
    tx.execute(
        "INSERT INTO recovery_case (id, account_id, origin, checks, note, opened_by, opened_at, "
        "ends_at, agent_mac, state, decision_reason, ticket_id) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', '', ?)",
        {value(recovery.id),
         value(recovery.account),
         std::string(to_text(recovery.origin)),
         checks,
         recovery.note,
         value(recovery.opened_by),
         value(recovery.opened_at),
         value(recovery.ends_at),
         agent_mac ? store::Value(*agent_mac) : store::Value(nullptr),
         value(recovery.ticket)}
    );
}

std::optional<Bytes> agent_mac_of(store::Tx& tx, const RecoveryId& id) {
    const auto rows = tx.query("SELECT agent_mac FROM recovery_case WHERE id = ?", {value(id)});
    if (rows.empty() || rows.front().is_null(0)) return std::nullopt;
    return rows.front().blob(0);
}

void write_recovery(store::Tx& tx, const RecoveryCase& recovery) {
    const auto changed = tx.execute(
        "UPDATE recovery_case SET state = ?, decided_by = ?, decided_at = ?, decision_reason = ?, "
        "ticket_id = ? WHERE id = ? AND state IN ('open', 'approved')",
        {std::string(to_text(recovery.state)),
         value(recovery.decided_by),
         value(recovery.decided_at),
         recovery.decision_reason,
         value(recovery.ticket),
         value(recovery.id)}
    );
    if (changed != 1) throw Fault("there is no running recovery " + recovery.id.text());
}

std::optional<RecoveryCase> find_recovery(store::Tx& tx, const RecoveryId& id) {
    return first_of(tx.query(std::string(columns) + "WHERE id = ?", {value(id)}));
}

std::optional<RecoveryCase> running_recovery(store::Tx& tx, const AccountId& account) {
    return first_of(tx.query(
        std::string(columns) + "WHERE account_id = ? AND state IN ('open', 'approved')",
        {value(account)}
    ));
}

std::optional<RecoveryCase> recovery_of_ticket(store::Tx& tx, const TicketId& ticket) {
    return first_of(tx.query(
        std::string(columns) + "WHERE ticket_id = ? AND state IN ('open', 'approved')",
        {value(ticket)}
    ));
}

store::Page<RecoveryCase> list_recoveries(store::Tx& tx, const RecoveryFilter& filter) {
    auto sql = std::string(columns) + "WHERE 1 = 1";
    std::vector<store::Value> values;
    if (filter.undecided) sql += " AND state = 'open'";
    if (filter.after) {
        sql += " AND (opened_at, id) < (?, ?)";
        values.push_back(value(filter.after->at));
        values.push_back(value(filter.after->id));
    }
    sql += " ORDER BY opened_at DESC, id DESC LIMIT ?";
    values.emplace_back(store::page_limit(filter.count_max));
    return store::page_of(cases_in(tx.query(sql, values)), filter.count_max);
}

std::vector<RecoveryCase> recoveries_over(store::Tx& tx, Time now, std::int64_t count_max) {
    // A ticket that was used is over with its enrolment, which has its own time.
    const auto used_before = now - std::chrono::hours(1);
    const auto rows = tx.query(
        std::string(columns) +
            "WHERE (state = 'open' AND ticket_id IS NULL AND ends_at <= ?) OR (state IN ('open', "
            "'approved') AND ticket_id IN (SELECT id FROM enrolment_ticket WHERE (used_at IS NULL "
            "AND ends_at <= ?) OR revoked_at IS NOT NULL OR used_at <= ?)) "
            "ORDER BY opened_at LIMIT ?",
        {value(now), value(now), value(used_before), count_max}
    );
    return cases_in(rows);
}

}  // namespace sallyport::governance
