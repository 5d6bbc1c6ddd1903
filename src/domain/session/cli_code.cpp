#include "domain/session/cli_code.h"

#include "base/crypto/crypto.h"
#include "domain/audit/log.h"
#include "domain/authn/authn_events.h"
#include "domain/authn/throttle.h"
#include "domain/session/session_row.h"

namespace sallyport::session {

using store::value;

namespace {

using crypto::Secret;

constexpr std::size_t code_size = 32;

struct CodeRow {
    SessionId session;
    Bytes challenge;
    Time ends_at;
    bool used;
    std::optional<SessionId> opened;
};

std::optional<CodeRow> find_code(store::Tx& tx, const Bytes& digest) {
    const auto rows = tx.query(
        "SELECT session_id, challenge, ends_at, used_at, opened_id FROM cli_code "
        "WHERE code_digest = ?",
        {digest}
    );
    if (rows.empty()) return std::nullopt;
    const auto& row = rows.front();
    return CodeRow{
        .session = row.id<SessionId>(0),
        .challenge = row.blob(1),
        .ends_at = row.time(2),
        .used = !row.is_null(3),
        .opened = row.maybe_id<SessionId>(4),
    };
}

Result<void> check_code(const CodeRow& code, BytesView verifier, Time now) {
    if (code.used) return refuse(Refusal::denied, "cli_code.used");
    if (now >= code.ends_at) return refuse(Refusal::denied, "cli_code.expired");
    const auto challenge = challenge_of(verifier);
    if (!crypto::constant_time_equal(challenge, code.challenge)) {
        return refuse(Refusal::denied, "cli_code.wrong_verifier");
    }
    return {};
}

// Nobody is known yet, so the source pays.
Result<void> charge_source(
    store::Tx& tx, const Moment& moment, const audit::Actor& stranger, const audit::Repeats& repeats
) {
    const authn::ThrottleSubject subject{
        .name = {}, .source = authn::source_bucket(stranger.where.source)
    };
    const auto kind = authn::ThrottleKind::ticket;
    const auto blocked = authn::charge(tx, moment, kind, subject);
    if (!blocked) return {};
    authn::write_throttled(repeats, tx, moment, stranger, kind, subject.name, *blocked);
    return refuse(Refusal::throttled, "authn.throttled");
}

// Whoever comes second may be the one it was meant for: neither of the two keeps what it gave.
std::optional<SessionId> end_opened(store::Tx& tx, const Moment& moment, const CodeRow& code) {
    if (!code.opened) return std::nullopt;
    const auto opened = find(tx, *code.opened);
    if (!opened) return std::nullopt;
    end(tx, moment, *opened, EndCause::revocation, audit::system_actor("cli-code"));
    return opened->id;
}

Result<Opened> use(
    store::Tx& tx,
    const Moment& moment,
    const CodeRow& code,
    const Bytes& digest,
    BytesView verifier,
    const audit::Where& where
) {
    const auto fits = check_code(code, verifier, moment.now);
    // Shown once, and be it by the wrong one: used up.
    tx.execute(
        "UPDATE cli_code SET used_at = ? WHERE code_digest = ? AND used_at IS NULL",
        {value(moment.now), digest}
    );
    SP_CHECK(fits);
    const auto parent = find(tx, code.session);
    if (!parent) return refuse(Refusal::denied, "session.ended");
    SP_TRY(auto opened, open_on_command_line(tx, moment, *parent, where));
    tx.execute(
        "UPDATE cli_code SET opened_id = ? WHERE code_digest = ?",
        {value(opened.session.id), digest}
    );
    return opened;
}

}  // namespace

TokenDigest challenge_of(BytesView verifier) {
    return crypto::sha256(verifier);
}

Result<Secret> issue_cli_code(
    store::Tx& tx,
    const Moment& moment,
    const Session& session,
    const TokenDigest& challenge,
    const audit::Actor& actor
) {
    if (moment.clock == ClockState::behind) return refuse(Refusal::denied, "clock.behind");
    if (session.channel != Channel::web) return refuse(Refusal::denied, "cli_code.not_web");
    const auto current = find(tx, session.id);
    if (!current) return refuse(Refusal::unauthenticated, "session.ended");
    SP_CHECK(check_alive(*current, moment.now));

    auto code = Secret::random(code_size);
    tx.execute(
        "INSERT INTO cli_code (code_digest, session_id, challenge, ends_at) VALUES (?, ?, ?, ?)",
        {bytes_of(digest_of(code.expose())),
         value(session.id),
         bytes_of(challenge),
         value(moment.now + cli_code_life)}
    );
    auto event = audit::event_by(actor, "cli_code.issued", "issue", "session:" + session.id.text());
    event.session = session.id;
    audit::append(tx, moment, event);
    return code;
}

CliCodeRedeemed redeem_cli_code(
    store::Tx& tx,
    const Moment& moment,
    const CliCodeShown& shown,
    const audit::Where& where,
    const audit::Repeats& repeats
) {
    const audit::Actor stranger{
        .who = {}, .where = where, .factor = std::nullopt, .session = std::nullopt
    };
    if (auto charged = charge_source(tx, moment, stranger, repeats); !charged) {
        return {.opened = std::unexpected(std::move(charged).error()), .ended = std::nullopt};
    }
    const auto digest = bytes_of(digest_of(shown.code));
    const auto code = find_code(tx, digest);
    CliCodeRedeemed redeemed{
        .opened = refuse(Refusal::denied, "cli_code.unknown"), .ended = std::nullopt
    };
    if (code) {
        if (code->used) redeemed.ended = end_opened(tx, moment, *code);
        redeemed.opened = use(tx, moment, *code, digest, shown.verifier, where);
    }
    const auto object = code ? "session:" + code->session.text() : std::string("cli_code");
    if (redeemed.opened) {
        const auto holder = holder_of(redeemed.opened->session, where);
        audit::append(tx, moment, audit::event_by(holder, "cli_code.redeemed", "redeem", object));
        const auto source = authn::source_bucket(where.source);
        authn::settle(tx, moment, authn::ThrottleKind::ticket, {.name = {}, .source = source});
        return redeemed;
    }
    const auto reason = redeemed.opened.error().reason;
    auto event = audit::event_by(stranger, "cli_code.refused", "redeem", object);
    event.outcome = audit::Outcome::refused;
    event.reason = reason;
    repeats.append(tx, moment, event, reason, authn::source_bucket(where.source));
    redeemed.opened = refuse(Refusal::denied, "cli_code.refused", std::string(reason));
    return redeemed;
}

void sweep_cli_codes(store::Tx& tx, const Moment& moment) {
    // Kept a while longer than they are good: one that comes again ends what it opened.
    using namespace std::chrono_literals;
    tx.execute("DELETE FROM cli_code WHERE ends_at <= ?", {value(moment.now - 1h)});
}

}  // namespace sallyport::session
