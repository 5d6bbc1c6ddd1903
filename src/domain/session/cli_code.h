#pragma once
// How the command line signs in through a browser: a code that works once, for 60 seconds, for the
// program that holds the verifier. The browser carries it to that program in a URL on 127.0.0.1
// (RFC 8252 §7.3), which is why it is worth nothing without the verifier (RFC 7636) and nothing a
// second time: then even what it opened ends (RFC 6749 §4.1.2).

#include "base/core/bytes.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/crypto/secret.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/audit/repeats.h"
#include "domain/session/session.h"

#include <chrono>
#include <optional>

namespace sallyport::session {

inline constexpr std::chrono::seconds cli_code_life{60};
// RFC 7636 §4.1, in characters. Ours have 43: base64url of 32 random bytes.
inline constexpr std::size_t verifier_size_min = 43;
inline constexpr std::size_t verifier_size_max = 128;

// RFC 7636 §4.2, S256: the digest of the verifier's characters.
[[nodiscard]] TokenDigest challenge_of(BytesView verifier);

// A code of 32 random bytes (the edge sends base64url of it). Refuses unauthenticated
// "session.ended" and what check_alive refuses, denied "cli_code.not_web" (only a sign-in in a
// browser can be lent to the command line), "clock.behind".
[[nodiscard]] Result<crypto::Secret> issue_cli_code(
    store::Tx& tx,
    const Moment& moment,
    const Session& session,
    const TokenDigest& challenge,
    const audit::Actor& actor
);

// What a program came with.
struct CliCodeShown {
    BytesView code;
    BytesView verifier;
};

struct CliCodeRedeemed {
    Result<Opened> opened;
    // The session that an earlier use of the code had opened: it is ended now, for the caller to
    // drop from the cache and cut its leases.
    std::optional<SessionId> ended;
};

// Uses the code up, whatever comes of it, and opens the command line's session. Refuses denied
// "cli_code.refused" for anything wrong; the log knows what ("cli_code.unknown", "cli_code.used",
// "cli_code.expired", "cli_code.wrong_verifier", "session.ended", …), and that of what one source
// repeats once a minute. Attempts are charged to the source like those at tickets: refuses
// throttled "authn.throttled".
[[nodiscard]] CliCodeRedeemed redeem_cli_code(
    store::Tx& tx,
    const Moment& moment,
    const CliCodeShown& shown,
    const audit::Where& where,
    const audit::Repeats& repeats
);

// Forgets codes that are over. For a job.
void sweep_cli_codes(store::Tx& tx, const Moment& moment);

}  // namespace sallyport::session
