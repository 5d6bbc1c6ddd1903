#include "domain/session/sender_key.h"

#include "base/core/fault.h"
#include "base/crypto/browser_key.h"

namespace sallyport::session {

using store::value;

namespace {

void insert_key(store::Tx& tx, const SessionId& session, const Bytes& spki) {
    tx.execute(
        "INSERT INTO session_sender_key (session_id, public_key) VALUES (?, ?)",
        {value(session), spki}
    );
}

}  // namespace

Result<Bytes> parse_sender_key(std::string_view text) {
    const auto malformed = [] { return refuse(Refusal::invalid, "sender_key.malformed"); };
    if (text.size() != sender_key_text_size) return malformed();
    auto spki = from_base64url(text);
    if (!spki || !crypto::read_browser_key(*spki)) return malformed();
    return spki;
}

void bind_sender_key(store::Tx& tx, const Moment& moment, const Opened& opened, const Bytes& spki) {
    const auto& session = opened.session;
    if (session.channel != Channel::web) return;
    if (session.created_at != moment.now) {
        throw Fault("a sender key was to be bound to a session that was there before");
    }
    insert_key(tx, session.id, spki);
}

std::optional<Bytes> sender_key_of(store::Tx& tx, const SessionId& session) {
    const auto rows = tx.query(
        "SELECT public_key FROM session_sender_key WHERE session_id = ?", {value(session)}
    );
    if (rows.empty()) return std::nullopt;
    return rows.front().blob(0);
}

void carry_sender_key_over(store::Tx& tx, const SessionId& from, const SessionId& to) {
    if (const auto spki = sender_key_of(tx, from)) insert_key(tx, to, *spki);
}

}  // namespace sallyport::session
