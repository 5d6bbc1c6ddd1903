#pragma once
// The handoff of a session to another host: a code that works once, for 30 seconds, on one host and
// in the browser that holds the nonce. It travels in a URL, which is why it is worth nothing a
// second time and nothing to anybody else.

#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/crypto/secret.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/audit/repeats.h"
#include "domain/session/session.h"

#include <chrono>
#include <string>

namespace sallyport::session {

inline constexpr std::chrono::seconds handoff_life{30};

// A code of 32 random bytes (the edge sends base64url of it). `nonce_digest` is digest_of() the
// nonce in the asking host's own cookie. Refuses unauthenticated "session.ended" and what
// check_alive refuses, denied "handoff.not_web" (only a sign-in on the sign-in host can be handed
// on).
[[nodiscard]] Result<crypto::Secret> issue_handoff(
    store::Tx& tx,
    const Moment& moment,
    const Session& session,
    const std::string& host,
    const TokenDigest& nonce_digest,
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
