#include "domain/recording/connections.h"

#include "base/core/fault.h"
#include "domain/audit/log.h"

#include <utility>

namespace sallyport::recording {
namespace {

constexpr std::string_view columns =
    "id, person_id, account_id, login_name, session_id, grant_id, device_id, device_name, "
    "protocol, node, source, policy_version, opened_at, closed_at, cause, bytes_in, bytes_out, "
    "exchanges, recording_state, sealed_at, root_hash";

SealState seal_state(std::string_view text) {
    for (const auto state :
         {SealState::open, SealState::sealed, SealState::interrupted, SealState::missing}) {
        if (to_text(state) == text) return state;
    }
    throw Fault("connection.recording_state is none of ours");
}

std::uint64_t count(const store::Row& row, std::size_t column) {
    return static_cast<std::uint64_t>(row.integer(column));
}

Connection read(const store::Row& row) {
    return {
        row.id<ConnectionId>(0),
        row.id<PersonId>(1),
        row.id<AccountId>(2),
        row.text(3),
        row.id<SessionId>(4),
        row.id<GrantId>(5),
        row.id<DeviceId>(6),
        row.text(7),
        row.text(8),
        row.text(9),
        row.text(10),
        row.integer(11),
        row.time(12),
        row.maybe_time(13),
        row.text(14),
        count(row, 15),
        count(row, 16),
        count(row, 17),
        seal_state(row.text(18)),
        row.maybe_time(19),
        row.is_null(20) ? Bytes{} : row.blob(20),
    };
}

Connection must_find(store::Tx& tx, const ConnectionId& id) {
    auto connection = find_connection(tx, id);
    if (!connection) throw Fault("there is no connection " + id.text());
    return *std::move(connection);
}

audit::Event event_about(
    const Connection& connection,
    std::string_view type,
    std::string action,
    std::string_view kind,
    const audit::Actor& by
) {
    auto event = audit::event_by(
        by, type, std::move(action), std::string(kind) + ":" + connection.id.text()
    );
    event.grant = connection.grant;
    return event;
}

audit::Event event_of_recording(
    const Connection& connection, std::string_view type, std::string action, const audit::Actor& by
) {
    auto event = event_about(connection, type, std::move(action), "recording", by);
    event.fields.push_back({"device", connection.device_name});
    return event;
}

std::int64_t integer(std::uint64_t value) {
    return static_cast<std::int64_t>(value);
}

void write_disconnect(
    store::Tx& tx,
    const Moment& moment,
    const Connection& connection,
    const Closing& closing,
    Time closed_at,
    const audit::Actor& by
) {
    tx.execute(
        "UPDATE connection SET closed_at = ?, cause = ?, bytes_in = ?, bytes_out = ?, "
        "exchanges = ? WHERE id = ?",
        {store::value(closed_at),
         closing.cause,
         integer(closing.bytes_in),
         integer(closing.bytes_out),
         integer(closing.exchanges),
         store::value(connection.id)}
    );
    auto event = event_about(connection, "pam.disconnect", "disconnect", "connection", by);
    event.session = connection.session;
    const auto duration = closed_at - connection.opened_at;
    event.fields = {
        {"cause", closing.cause},
        {"device", connection.device_name},
        {"duration_s", std::chrono::duration_cast<std::chrono::seconds>(duration).count()},
        {"bytes_in", integer(closing.bytes_in)},
        {"bytes_out", integer(closing.bytes_out)},
        {"exchanges", integer(closing.exchanges)},
    };
    audit::append(tx, moment, event);
}

void write_seal(
    store::Tx& tx,
    const Moment& moment,
    const Connection& connection,
    SealState state,
    BytesView root_hash,
    const audit::Actor& by
) {
    tx.execute(
        "UPDATE connection SET recording_state = ?, sealed_at = ?, root_hash = ? WHERE id = ?",
        {std::string(to_text(state)),
         store::value(moment.now),
         Bytes(root_hash.begin(), root_hash.end()),
         store::value(connection.id)}
    );
    auto event = event_of_recording(connection, "rec.sealed", "seal", by);
    event.fields.push_back({"root_hash", to_hex(root_hash)});
    event.fields.push_back({"interrupted", state == SealState::interrupted});
    audit::append(tx, moment, event);
}

}  // namespace

std::string_view to_text(SealState state) noexcept {
    switch (state) {
        case SealState::open:
            return "open";
        case SealState::sealed:
            return "sealed";
        case SealState::interrupted:
            return "interrupted";
        case SealState::missing:
            return "missing";
    }
    return "missing";
}

Result<Connection> open_connection(
    store::Tx& tx,
    const Moment& moment,
    const policy::Permit& permit,
    const NewConnection& wanted,
    const audit::Actor& by
) {
    if (permit.action() != policy::Permission::device_visit || !permit.grant() ||
        !permit.device() || by.session != permit.session()) {
        return refuse(Refusal::denied, "connection.wrong_permit");
    }
    if (permit.ends_at() <= moment.now) return refuse(Refusal::expired, "connection.permit_over");

    Connection connection{
        .id = wanted.id,
        .person = permit.person(),
        .account = permit.account(),
        .login_name = by.who.account_name,
        .session = permit.session(),
        .grant = *permit.grant(),
        .device = *permit.device(),
        .device_name = wanted.device_name,
        .protocol = wanted.protocol,
        .node = moment.node,
        .source = by.where.source,
        .policy_version = permit.policy_version(),
        .opened_at = moment.now,
        .closed_at = {},
        .cause = {},
        .sealed_at = {},
        .root_hash = {},
    };
    tx.execute(
        "INSERT INTO connection (id, person_id, account_id, login_name, session_id, grant_id, "
        "device_id, device_name, protocol, node, source, policy_version, opened_at, cause, "
        "bytes_in, bytes_out, exchanges, recording_state) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', 0, 0, 0, 'open')",
        {store::value(connection.id),
         store::value(connection.person),
         store::value(connection.account),
         connection.login_name,
         store::value(connection.session),
         store::value(connection.grant),
         store::value(connection.device),
         connection.device_name,
         connection.protocol,
         connection.node,
         connection.source,
         connection.policy_version,
         store::value(connection.opened_at)}
    );
    auto event = event_about(connection, "pam.connect", "connect", "connection", by);
    event.policy_version = connection.policy_version;
    event.fields = {
        {"protocol", connection.protocol},
        {"device", connection.device_name},
        {"device_id", connection.device.text()},
        {"gateway_node", connection.node},
    };
    audit::append(tx, moment, event);
    return connection;
}

void close_connection(
    store::Tx& tx,
    const Moment& moment,
    const ConnectionId& id,
    const Closing& closing,
    const audit::Actor& by
) {
    const auto connection = must_find(tx, id);
    if (connection.closed_at) return;
    write_disconnect(tx, moment, connection, closing, moment.now, by);
}

void record_started(
    store::Tx& tx, const Moment& moment, const ConnectionId& id, const audit::Actor& by
) {
    const auto connection = must_find(tx, id);
    auto event = event_of_recording(connection, "rec.started", "record", by);
    event.session = connection.session;
    event.fields.push_back({"format", connection.protocol});
    audit::append(tx, moment, event);
}

void record_sealed(
    store::Tx& tx,
    const Moment& moment,
    const ConnectionId& id,
    BytesView root_hash,
    const audit::Actor& by
) {
    const auto connection = must_find(tx, id);
    if (connection.state != SealState::open) return;
    write_seal(tx, moment, connection, SealState::sealed, root_hash, by);
}

void record_gap(
    store::Tx& tx,
    const Moment& moment,
    const ConnectionId& id,
    const LostFrames& lost,
    const audit::Actor& by
) {
    auto event = event_of_recording(must_find(tx, id), "rec.gap", "note_gap", by);
    event.outcome = audit::Outcome::failed;
    event.fields.push_back({"from", integer(lost.from)});
    event.fields.push_back({"to", integer(lost.to)});
    event.fields.push_back({"cause", lost.cause});
    audit::append(tx, moment, event);
}

void record_viewed(
    store::Tx& tx,
    const Moment& moment,
    const ConnectionId& id,
    const Access& access,
    const audit::Actor& by
) {
    auto event = event_of_recording(must_find(tx, id), "rec.viewed", "view", by);
    event.fields.push_back({"why", access.reason});
    event.fields.push_back({"stepup_ref", access.step_up_ref});
    audit::append(tx, moment, event);
}

void record_exported(
    store::Tx& tx,
    const Moment& moment,
    const ConnectionId& id,
    const Export& what,
    const Access& access,
    const audit::Actor& by
) {
    auto event = event_of_recording(must_find(tx, id), "rec.exported", "export", by);
    event.fields.push_back({"format", what.format});
    event.fields.push_back({"destination", what.destination});
    event.fields.push_back({"rows", integer(what.rows)});
    event.fields.push_back({"filter", "recording:" + id.text()});
    event.fields.push_back({"why", access.reason});
    event.fields.push_back({"stepup_ref", access.step_up_ref});
    audit::append(tx, moment, event);
}

void record_integrity_failed(
    store::Tx& tx,
    const Moment& moment,
    const ConnectionId& id,
    const std::string& what,
    std::uint64_t sequence,
    const audit::Actor& by
) {
    auto event = event_of_recording(must_find(tx, id), "rec.integrity_failed", "verify", by);
    event.outcome = audit::Outcome::failed;
    event.fields.push_back({"what", what});
    event.fields.push_back({"first_bad_chunk", integer(sequence)});
    audit::append(tx, moment, event);
}

store::Page<Connection> list_connections(store::Tx& tx, const ConnectionFilter& filter) {
    std::string sql = "SELECT " + std::string(columns) + " FROM connection WHERE 1 = 1";
    std::vector<store::Value> values;
    const auto where = [&](std::string_view condition, store::Value value) {
        sql += " AND ";
        sql += condition;
        values.push_back(std::move(value));
    };
    if (filter.account) where("account_id = ?", store::value(*filter.account));
    if (filter.device) where("device_id = ?", store::value(*filter.device));
    if (filter.state) where("recording_state = ?", std::string(to_text(*filter.state)));
    if (filter.from) where("opened_at >= ?", store::value(*filter.from));
    if (filter.until) where("opened_at < ?", store::value(*filter.until));
    if (filter.after) {
        sql += " AND (opened_at, id) < (?, ?)";
        values.push_back(store::value(filter.after->at));
        values.push_back(store::value(filter.after->id));
    }
    sql += " ORDER BY opened_at DESC, id DESC LIMIT ?";
    values.emplace_back(store::page_limit(filter.count_max));

    std::vector<Connection> connections;
    for (const auto& row : tx.query(sql, values)) {
        connections.push_back(read(row));
    }
    return store::page_of(std::move(connections), filter.count_max);
}

bool has_opened_visit(
    store::Tx& tx, const AccountId& account, const SessionId& session, Time since
) {
    const auto rows = tx.query(
        "SELECT 1 FROM connection WHERE account_id = ? AND opened_at >= ? AND session_id = ?",
        {store::value(account), store::value(since), store::value(session)}
    );
    return !rows.empty();
}

std::optional<Connection> find_connection(store::Tx& tx, const ConnectionId& id) {
    const auto rows = tx.query(
        "SELECT " + std::string(columns) + " FROM connection WHERE id = ?", {store::value(id)}
    );
    if (rows.empty()) return std::nullopt;
    return read(rows.front());
}

void detail::settle_connection(
    store::Tx& tx,
    const Moment& moment,
    const Connection& connection,
    const Settlement& settlement,
    const audit::Actor& by
) {
    const auto& [state, root_hash, closing, closed_at] = settlement;
    if (!connection.closed_at) write_disconnect(tx, moment, connection, closing, closed_at, by);
    if (state == SealState::missing) {
        tx.execute(
            "UPDATE connection SET recording_state = ? WHERE id = ?",
            {std::string(to_text(state)), store::value(connection.id)}
        );
        return;
    }
    write_seal(tx, moment, connection, state, root_hash, by);
}

}  // namespace sallyport::recording
