#include "domain/governance/grant_store.h"

#include "base/core/fault.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sallyport::governance {

namespace {

constexpr std::array<std::pair<GrantState, std::string_view>, 4> state_texts{{
    {GrantState::requested, "requested"},
    {GrantState::approved, "approved"},
    {GrantState::denied, "denied"},
    {GrantState::revoked, "revoked"},
}};

constexpr std::string_view grant_columns =
    "SELECT access_grant.id, requester, device_id, purpose, change_ticket, valid_from, "
    "valid_until, capabilities, access_grant.state, requested_at, decided_by, decided_at, "
    "decision_reason, ended_by, ended_at, end_reason FROM access_grant ";

GrantState grant_state(const std::string& text) {
    const auto* const found =
        std::ranges::find(state_texts, text, &decltype(state_texts)::value_type::second);
    if (found == state_texts.end()) throw Fault("unknown grant state " + text);
    return found->first;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words) {
        if (!text.empty()) text += ' ';
        text += word;
    }
    return text;
}

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const auto word = text.substr(0, text.find(' '));
        words.emplace_back(word);
        text.remove_prefix(std::min(text.size(), word.size() + 1));
    }
    return words;
}

Grant grant_in(const store::Row& row) {
    return {
        .id = row.id<GrantId>(0),
        .requester = row.id<AccountId>(1),
        .device = row.id<DeviceId>(2),
        .purpose = row.text(3),
        .change_ticket = row.text(4),
        .from = row.time(5),
        .until = row.time(6),
        .capabilities = split(row.text(7)),
        .state = grant_state(row.text(8)),
        .requested_at = row.time(9),
        .decided_by = row.maybe_id<AccountId>(10),
        .decided_at = row.maybe_time(11),
        .decision_reason = row.text(12),
        .ended_by = row.maybe_id<AccountId>(13),
        .ended_at = row.maybe_time(14),
        .end_reason = row.text(15),
    };
}

std::vector<Grant> grants_in(const std::vector<store::Row>& rows) {
    std::vector<Grant> grants;
    grants.reserve(rows.size());
    for (const auto& row : rows) {
        grants.push_back(grant_in(row));
    }
    return grants;
}

std::optional<Grant> first_of(const std::vector<store::Row>& rows) {
    if (rows.empty()) return std::nullopt;
    return grant_in(rows.front());
}

void require_one_row(std::int64_t changed, const GrantId& id) {
    if (changed != 1) throw Fault("there is no grant " + id.text());
}

}  // namespace

std::string_view to_text(GrantState state) noexcept {
    return std::ranges::find(state_texts, state, &decltype(state_texts)::value_type::first)->second;
}

void insert_grant(store::Tx& tx, const Grant& grant) {
    tx.execute(
        "INSERT INTO access_grant (id, requester, device_id, purpose, change_ticket, valid_from, "
        "valid_until, capabilities, state, requested_at, decision_reason, end_reason, "
        "expiry_noted) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'requested', ?, '', '', 0)",
        {store::value(grant.id),
         store::value(grant.requester),
         store::value(grant.device),
         grant.purpose,
         grant.change_ticket,
         store::value(grant.from),
         store::value(grant.until),
         joined(grant.capabilities),
         store::value(grant.requested_at)}
    );
}

void write_decision(store::Tx& tx, const Grant& grant) {
    require_one_row(
        tx.execute(
            "UPDATE access_grant SET state = ?, decided_by = ?, decided_at = ?, decision_reason = "
            "? "
            "WHERE id = ? AND state = 'requested'",
            {std::string(to_text(grant.state)),
             store::value(grant.decided_by),
             store::value(grant.decided_at),
             grant.decision_reason,
             store::value(grant.id)}
        ),
        grant.id
    );
}

void write_end(store::Tx& tx, const Grant& grant) {
    require_one_row(
        tx.execute(
            "UPDATE access_grant SET state = ?, ended_by = ?, ended_at = ?, end_reason = ? "
            "WHERE id = ? AND state = 'approved'",
            {std::string(to_text(grant.state)),
             store::value(grant.ended_by),
             store::value(grant.ended_at),
             grant.end_reason,
             store::value(grant.id)}
        ),
        grant.id
    );
}

std::int64_t count_undecided(store::Tx& tx, const AccountId& requester, Time now) {
    const auto rows = tx.query(
        "SELECT COUNT(*) FROM access_grant WHERE requester = ? AND state = 'requested' "
        "AND valid_until > ?",
        {store::value(requester), store::value(now)}
    );
    return rows.front().integer(0);
}

std::vector<Grant> take_ended(store::Tx& tx, Time now, std::int64_t count_max) {
    auto ended = grants_in(tx.query(
        std::string(grant_columns) +
            "WHERE access_grant.state = 'approved' AND expiry_noted = 0 AND valid_until <= ? "
            "ORDER BY valid_until, access_grant.id LIMIT ?",
        {store::value(now), count_max}
    ));
    for (const auto& grant : ended) {
        tx.execute(
            "UPDATE access_grant SET expiry_noted = 1 WHERE id = ?", {store::value(grant.id)}
        );
    }
    return ended;
}

std::optional<Grant> find_grant(store::Tx& tx, const GrantId& id) {
    return first_of(
        tx.query(std::string(grant_columns) + "WHERE access_grant.id = ?", {store::value(id)})
    );
}

store::Page<Grant> list_grants(store::Tx& tx, const GrantFilter& filter) {
    auto sql = std::string(grant_columns) + "WHERE 1 = 1";
    std::vector<store::Value> values;
    if (filter.requester) {
        sql += " AND requester = ?";
        values.push_back(store::value(*filter.requester));
    }
    if (filter.undecided_at) {
        sql += " AND access_grant.state = 'requested' AND valid_until > ?";
        values.push_back(store::value(*filter.undecided_at));
    }
    if (filter.after) {
        sql += " AND (requested_at, access_grant.id) < (?, ?)";
        values.push_back(store::value(filter.after->at));
        values.push_back(store::value(filter.after->id));
    }
    sql += " ORDER BY requested_at DESC, access_grant.id DESC LIMIT ?";
    values.emplace_back(store::page_limit(filter.count_max));
    return store::page_of(grants_in(tx.query(sql, values)), filter.count_max);
}

std::optional<Grant> latest_grant(store::Tx& tx, const AccountId& account, const DeviceId& device) {
    return first_of(tx.query(
        std::string(grant_columns) + "WHERE requester = ? AND device_id = ? "
                                     "ORDER BY requested_at DESC, access_grant.id DESC LIMIT 1",
        {store::value(account), store::value(device)}
    ));
}

std::optional<Grant> open_grant(
    store::Tx& tx, const AccountId& account, const DeviceId& device, Time now
) {
    return first_of(tx.query(
        std::string(grant_columns) +
            "JOIN device ON device.id = access_grant.device_id WHERE requester = ? "
            "AND device_id = ? AND access_grant.state = 'approved' AND device.state <> 'retired' "
            "AND valid_from <= ? AND valid_until > ? "
            "ORDER BY valid_until DESC, access_grant.id LIMIT 1",
        {store::value(account), store::value(device), store::value(now), store::value(now)}
    ));
}

std::vector<Grant> open_grants(store::Tx& tx, const AccountId& account, Time now) {
    const auto rows = tx.query(
        std::string(grant_columns) +
            "JOIN device ON device.id = access_grant.device_id WHERE requester = ? "
            "AND access_grant.state = 'approved' AND device.state <> 'retired' "
            "AND valid_from <= ? AND valid_until > ? "
            "ORDER BY device.name, valid_until DESC, access_grant.id",
        {store::value(account), store::value(now), store::value(now)}
    );
    std::vector<Grant> open;
    for (const auto& row : rows) {
        auto grant = grant_in(row);
        const bool another = open.empty() || open.back().device != grant.device;
        if (another) open.push_back(std::move(grant));
    }
    return open;
}

}  // namespace sallyport::governance
