#include "domain/session/handoff.h"

#include "base/core/bytes.h"
#include "domain/audit/log.h"
#include "domain/authn/throttle.h"
#include "domain/session/session_row.h"

namespace sallyport::session {

using store::value;

namespace {

using crypto::Secret;

constexpr std::size_t code_size = 32;

struct CodeRow {
    SessionId session;
    std::string host;
    Bytes nonce_digest;
    Time ends_at;
    bool used;
};

std::optional<CodeRow> find_code(store::Tx& tx, const Bytes& digest) {
    const auto rows = tx.query(
        "SELECT session_id, host, nonce_digest, ends_at, used_at FROM handoff_code "
        "WHERE code_digest = ?",
        {digest}
    );
    if (rows.empty()) return std::nullopt;
    const auto& row = rows.front();
    return CodeRow{
        .session = row.id<SessionId>(0),
        .host = row.text(1),
        .nonce_digest = row.blob(2),
        .ends_at = row.time(3),
        .used = !row.is_null(4),
    };
}

Result<void> check_code(const CodeRow& code, const HandoffShown& shown, Time now) {
    if (code.used) return refuse(Refusal::denied, "handoff.used");
    if (now >= code.ends_at) return refuse(Refusal::denied, "handoff.expired");
    if (code.host != shown.host) return refuse(Refusal::denied, "handoff.other_host");
    if (code.nonce_digest != bytes_of(shown.nonce_digest)) {
        return refuse(Refusal::denied, "handoff.other_browser");
    }
    return {};
}

}  // namespace

Result<Secret> issue_handoff(
    store::Tx& tx,
    const Moment& moment,
    const Session& session,
    const std::string& host,
    const TokenDigest& nonce_digest,
    const audit::Actor& actor
) {
    if (session.channel != Channel::web || host.empty()) {
        return refuse(Refusal::denied, "handoff.not_web");
    }
    const auto current = find(tx, session.id);
    if (!current) return refuse(Refusal::unauthenticated, "session.ended");
    SP_CHECK(check_alive(*current, moment.now));

    auto code = Secret::random(code_size);
    tx.execute(
        "INSERT INTO handoff_code (code_digest, session_id, host, nonce_digest, ends_at) "
        "VALUES (?, ?, ?, ?, ?)",
        {bytes_of(digest_of(code.expose())),
         value(session.id),
         host,
         bytes_of(nonce_digest),
         value(moment.now + handoff_life)}
    );
    auto event = audit::event_by(actor, "handoff.issued", "issue", "session:" + session.id.text());
    event.session = session.id;
    event.fields = {{.name = "host", .value = host}};
    audit::append(tx, moment, event);
    return code;
}

Result<Session> redeem_handoff(
    store::Tx& tx,
    const Moment& moment,
    const HandoffShown& shown,
    const audit::Where& where,
    const audit::Repeats& repeats
) {
    const auto digest = bytes_of(digest_of(shown.code));
    const auto code = find_code(tx, digest);
    auto redeemed = [&]() -> Result<Session> {
        if (!code) return refuse(Refusal::denied, "handoff.unknown");
        const auto fits = check_code(*code, shown, moment.now);
        // Shown once, and be it in the wrong place: used up.
        tx.execute(
            "UPDATE handoff_code SET used_at = ? WHERE code_digest = ? AND used_at IS NULL",
            {value(moment.now), digest}
        );
        SP_CHECK(fits);
        auto session = find(tx, code->session);
        if (!session) return refuse(Refusal::denied, "session.ended");
        SP_CHECK(check_alive(*session, moment.now));
        return *std::move(session);
    }();

    audit::Actor actor{.who = {}, .where = where, .factor = std::nullopt, .session = std::nullopt};
    if (redeemed) actor = holder_of(*redeemed, where);
    auto event = audit::event_by(
        actor,
        redeemed ? "handoff.redeemed" : "handoff.refused",
        "redeem",
        code ? "session:" + code->session.text() : "handoff"
    );
    event.fields = {{.name = "host", .value = shown.host}};
    if (redeemed) {
        audit::append(tx, moment, event);
        return redeemed;
    }
    event.outcome = audit::Outcome::refused;
    event.reason = redeemed.error().reason;
    repeats.append(tx, moment, event, event.reason, authn::source_bucket(where.source));
    return refuse(Refusal::denied, "handoff.refused", std::string(redeemed.error().reason));
}

void sweep_handoffs(store::Tx& tx, const Moment& moment) {
    // Kept a while longer than they are good, so that the log can say what was wrong with one.
    using namespace std::chrono_literals;
    tx.execute("DELETE FROM handoff_code WHERE ends_at <= ?", {value(moment.now - 1h)});
}

}  // namespace sallyport::session
