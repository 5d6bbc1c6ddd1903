#include "domain/session/session_row.h"

#include "base/core/fault.h"

#include <algorithm>
#include <array>

namespace sallyport::session {

using store::value;

namespace {

constexpr std::array<std::string_view, 3> channel_texts = {"web", "cli", "host"};

constexpr std::string_view columns =
    "SELECT s.id, s.channel, s.account_id, s.person_id, s.login_name, s.role, s.scope, s.proven, "
    "s.factor_amr, s.factor_aal, s.factor_authenticator, s.factor_phishing_resistant, "
    "s.created_at, s.ends_at, s.idle_max, COALESCE(p.last_active_at, s.last_active_at), "
    "s.last_proof_at, s.source, s.csrf_key, s.host, COALESCE(s.parent_id, s.browser_id), s.zone, "
    "s.limited, s.signed_in_amr, s.signed_in_at "
    "FROM session s LEFT JOIN session p ON p.id = COALESCE(s.parent_id, s.browser_id) ";

constexpr std::string_view still_open = "WHERE s.ended_at IS NULL AND p.ended_at IS NULL AND ";

Channel read_channel(std::string_view text) {
    const auto found = std::ranges::find(channel_texts, text);
    if (found == channel_texts.end()) throw Fault("a session row has a channel that is not known");
    return static_cast<Channel>(found - channel_texts.begin());
}

audit::Factor read_factor(const store::Row& row) {
    return {
        .amr = row.text(8),
        .aal = static_cast<int>(row.integer(9)),
        .authenticator_id = row.text(10),
        .phishing_resistant = row.integer(11) != 0,
        .age = std::nullopt,
    };
}

Session read_row(const store::Row& row) {
    return {
        .id = row.id<SessionId>(0),
        .channel = read_channel(row.text(1)),
        .account = row.id<AccountId>(2),
        .person = row.id<PersonId>(3),
        .login_name = row.text(4),
        .role = row.text(5),
        .scope = row.text(6),
        .proven = static_cast<policy::Strength>(row.integer(7)),
        .factor = read_factor(row),
        .signed_in_amr = row.text(23),
        .created_at = row.time(12),
        .ends_at = row.time(13),
        .idle_max = Duration(row.integer(14)),
        .last_active_at = row.time(15),
        .last_proof_at = row.time(16),
        .signed_in_at = row.time(24),
        .source = row.text(17),
        .csrf_key = row.text(18),
        .host = row.text(19),
        .parent = row.maybe_id<SessionId>(20),
        .zone = row.text(21),
        .limited = row.integer(22) != 0,
    };
}

std::vector<Session> select(
    store::Tx& tx, const std::string& where, const std::vector<store::Value>& parameters
) {
    const auto sql = std::string(columns) + where + " ORDER BY s.created_at, s.id";
    std::vector<Session> found;
    for (const auto& row : tx.query(sql, parameters)) {
        found.push_back(read_row(row));
    }
    return found;
}

}  // namespace

std::string_view to_text(Channel channel) noexcept {
    return channel_texts[static_cast<std::size_t>(channel)];
}

std::vector<Session> select_open(
    store::Tx& tx, std::string_view condition, const std::vector<store::Value>& parameters
) {
    return select(tx, std::string(still_open) + std::string(condition), parameters);
}

std::vector<Session> select_ended(
    store::Tx& tx, std::string_view condition, const std::vector<store::Value>& parameters
) {
    return select(tx, "WHERE s.ended_at IS NOT NULL AND " + std::string(condition), parameters);
}

// Who accepted which notice is told by account (governance/notice.h); the column notice_accepted is
// of an earlier way and stays empty.
// A parent has a column for each kind of child: the first came with a CHECK that no engine can take
// back in place.
void insert_row(store::Tx& tx, const Session& session, const TokenDigest& digest) {
    const bool on_host = session.channel == Channel::host;
    tx.execute(
        "INSERT INTO session (id, token_digest, channel, parent_id, browser_id, host, account_id, "
        "person_id, "
        "login_name, role, scope, proven, factor_amr, factor_aal, factor_authenticator, "
        "factor_phishing_resistant, created_at, ends_at, idle_max, last_active_at, last_proof_at, "
        "source, csrf_key, notice_accepted, zone, limited, signed_in_amr, signed_in_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?, "
        "?, ?)",
        {value(session.id),
         bytes_of(digest),
         std::string(to_text(session.channel)),
         value(on_host ? session.parent : std::nullopt),
         value(on_host ? std::nullopt : session.parent),
         session.host,
         value(session.account),
         value(session.person),
         session.login_name,
         session.role,
         session.scope,
         static_cast<std::int64_t>(session.proven),
         session.factor.amr,
         std::int64_t{session.factor.aal},
         session.factor.authenticator_id,
         std::int64_t{session.factor.phishing_resistant},
         value(session.created_at),
         value(session.ends_at),
         session.idle_max.count(),
         value(session.last_active_at),
         value(session.last_proof_at),
         session.source,
         session.csrf_key,
         session.zone,
         std::int64_t{session.limited},
         session.signed_in_amr,
         value(session.signed_in_at)}
    );
}

audit::Actor holder_of(const Session& session, const audit::Where& where) {
    return {
        .who =
            {.person = session.person,
             .account = session.account,
             .account_name = session.login_name,
             .role = session.role,
             .system = {}},
        .where = where,
        .factor = session.factor,
        .session = session.id,
    };
}

}  // namespace sallyport::session
