#pragma once
// The handoff of a session to another host. The sign-in host offers a challenge; the browser signs
// it with its sender key, which a cookie that was copied elsewhere does not bring; for that there
// is a code that works once, for 30 seconds, on one host and in the browser that holds the nonce.
// The code travels in a URL, which is why it is worth nothing a second time and nothing to anybody
// else. docs/protocols/handoff.md.

#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/crypto/secret.h"
#include "base/keys/key_ring.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/audit/repeats.h"
#include "domain/session/handoff_proof.h"
#include "domain/session/session.h"

#include <chrono>
#include <string>

namespace sallyport::session {

inline constexpr std::chrono::seconds handoff_life{30};
// From its first moment a session on a device's host may open its one visit for so long.
inline constexpr std::chrono::minutes host_session_opens_for{1};

// What the browser has to sign, for this session and this target, once, within five minutes. Asking
// for it writes nothing. Refuses denied "handoff.not_web" (only a sign-in on the sign-in host can
// be handed on) and "handoff.no_sender_key" (its browser made no key when it signed in).
[[nodiscard]] Result<Bytes> offer_handoff(
    store::Tx& tx,
    const Moment& moment,
    const keys::KeyRing& keys,
    const Session& session,
    const HandoffTarget& target
);

// Whose challenges these are, and the origin that a browser signs for.
struct HandoffSite {
    const keys::KeyRing& keys;
    std::string origin;  // of the sign-in host
};

// A code of 32 random bytes (the edge sends base64url of it). Refuses unauthenticated
// "session.ended" and what check_alive and offer_handoff refuse; denied "handoff.challenge" (not
// ours, of another session or target, too old, or shown before, be it under a wrong signature) and
// "handoff.signature". What is wrong with a proof is on record as handoff.refused.
[[nodiscard]] Result<crypto::Secret> issue_handoff(
    store::Tx& tx,
    const Moment& moment,
    const HandoffSite& site,
    const Session& session,
    const HandoffAsked& asked,
    const audit::Actor& actor
);

// What a host got back with a code.
struct HandoffShown {
    BytesView code;
    std::string host;
    TokenDigest nonce_digest;
};

// Uses the code up, whatever comes of it, and returns the session it was made for, alive; the
// caller goes on with open_on_host in the same transaction. Refuses denied "handoff.refused" for
// anything wrong with the code; the log knows which ("handoff.unknown", "handoff.used",
// "handoff.expired", "handoff.other_host", "handoff.other_browser", "session.ended", …), and that
// of what one source repeats once a minute.
[[nodiscard]] Result<Session> redeem_handoff(
    store::Tx& tx,
    const Moment& moment,
    const HandoffShown& shown,
    const audit::Where& where,
    const audit::Repeats& repeats
);

// Forgets codes that are over. For a job.
void sweep_handoffs(store::Tx& tx, const Moment& moment);

}  // namespace sallyport::session
