#include "domain/session/handoff.h"

#include "base/core/bytes.h"
#include "base/crypto/browser_key.h"
#include "base/crypto/crypto.h"
#include "domain/audit/log.h"
#include "domain/authn/throttle.h"
#include "domain/authn/webauthn_challenge.h"
#include "domain/session/sender_key.h"
#include "domain/session/session_row.h"

#include <utility>

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

// What a challenge is bound to beside its purpose: the session and the target, each of known size.
Bytes holder_of_challenge(const Session& session, const HandoffTarget& target) {
    const auto id = session.id.text();
    const auto statement =
        crypto::statement({as_bytes(id), as_bytes(target.host), BytesView(target.nonce_digest)});
    const auto digest = crypto::sha256(statement);
    return {digest.begin(), digest.end()};
}

Result<Bytes> key_for(store::Tx& tx, const Session& session, const HandoffTarget& target) {
    if (session.channel != Channel::web || target.host.empty()) {
        return refuse(Refusal::denied, "handoff.not_web");
    }
    auto key = sender_key_of(tx, session.id);
    if (!key) return refuse(Refusal::denied, "handoff.no_sender_key");
    return *std::move(key);
}

// The challenge first: it is used up by whoever shows it.
Result<void> check_proof(
    store::Tx& tx,
    const Moment& moment,
    const HandoffSite& site,
    const Session& session,
    const HandoffAsked& asked,
    const Bytes& spki
) {
    const auto spent = authn::spend_challenge(
        tx,
        site.keys,
        moment,
        authn::ChallengePurpose::handoff,
        holder_of_challenge(session, asked.target),
        asked.proof.challenge
    );
    if (!spent) {
        return refuse(Refusal::denied, "handoff.challenge", std::string(spent.error().reason));
    }
    const auto key = crypto::read_browser_key(spki).value();
    if (!is_handoff_signed(key, asked, site.origin)) {
        return refuse(Refusal::denied, "handoff.signature");
    }
    return {};
}

// A good session and a wrong proof: perhaps somebody else's browser has the cookie.
void write_refused(
    store::Tx& tx,
    const Moment& moment,
    const Session& session,
    const std::string& host,
    const Refusal& why,
    const audit::Actor& actor
) {
    auto event = audit::event_by(actor, "handoff.refused", "issue", "session:" + session.id.text());
    event.session = session.id;
    event.outcome = audit::Outcome::refused;
    event.reason = why.detail.empty() ? std::string(why.reason) : why.detail;
    event.fields = {{.name = "host", .value = host}};
    audit::append(tx, moment, event);
}

}  // namespace

Result<Bytes> offer_handoff(
    store::Tx& tx,
    const Moment& moment,
    const keys::KeyRing& keys,
    const Session& session,
    const HandoffTarget& target
) {
    SP_TRY(const auto key, key_for(tx, session, target));
    (void)key;
    const auto holder = holder_of_challenge(session, target);
    return authn::make_challenge(keys, moment, authn::ChallengePurpose::handoff, holder);
}

Result<Secret> issue_handoff(
    store::Tx& tx,
    const Moment& moment,
    const HandoffSite& site,
    const Session& session,
    const HandoffAsked& asked,
    const audit::Actor& actor
) {
    const auto& [host, nonce_digest] = asked.target;
    SP_TRY(const auto spki, key_for(tx, session, asked.target));
    const auto current = find(tx, session.id);
    if (!current) return refuse(Refusal::unauthenticated, "session.ended");
    SP_CHECK(check_alive(*current, moment.now));
    if (auto proven = check_proof(tx, moment, site, session, asked, spki); !proven) {
        write_refused(tx, moment, session, host, proven.error(), actor);
        return std::unexpected(std::move(proven).error());
    }

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
