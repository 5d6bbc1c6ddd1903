#pragma once
// Who is signed in, how well proven, until when. Tokens are 256 random bits, stored as SHA-256
// digests only. The absolute end is immutable on the row; step-up never moves it (S0-31).

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/crypto/secret.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/authentication_proof.h"
#include "domain/policy/permit.h"
#include "domain/policy/policy.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::session {

using TokenDigest = std::array<std::byte, 32>;

// What the holder of a token speaks through; bounds where the token is good.
enum class Channel : std::uint8_t {
    web,   // the `__Host-` cookie of the sign-in host
    cli,   // the bearer token of `sallyport login`, in a 0600 file; child of a web session if it
           // was opened through a browser
    host,  // the `__Host-` cookie of one device host, made by the handoff; child of a web session
};

struct Session {
    SessionId id;
    Channel channel = Channel::web;
    AccountId account;
    PersonId person;
    std::string login_name;
    std::string role;
    std::string scope;
    policy::Strength proven = policy::Strength::one_factor;
    audit::Factor factor;  // of the last proof
    // What `proven` stands on, RFC 8176 values joined by '+': the sign-in's, with those of a
    // step-up that proved more. An unlock adds nothing, however fresh.
    std::string signed_in_amr{};
    Time created_at;
    Time ends_at;  // absolute, immutable
    Duration idle_max;
    Time last_active_at;
    Time last_proof_at;    // what step-up looks at
    Time signed_in_at{};   // unlocked or not, when all factors were shown
    std::string source;    // the address it was opened from
    std::string csrf_key;  // base64url of 32 random bytes: forms and scripts echo it
    std::string host;      // Channel::host only: the host that the cookie belongs to
    // The web session that this one was made from, by a handoff or a cli code. They share one idle
    // timer: working on a device, or at the command line, keeps its sign-in alive.
    std::optional<SessionId> parent;
    std::string zone = "unzoned";  // where it was opened from (policy/zones.h)
    bool limited = false;          // to its own account, by the context (policy/context.h)

    // The sign-in that it belongs to: its parent, or itself.
    [[nodiscard]] const SessionId& root() const noexcept { return parent ? *parent : id; }

    [[nodiscard]] policy::Subject subject() const noexcept;
};

struct Opened {
    Session session;
    crypto::Secret token;  // 32 bytes; the edge gives base64url of it to the client, once
};

// Opens a session for whom the proof names, with the strictest timers of the role and of the zone
// that `where.source` is in, if what is known of the device, the place and the zone allows it
// (policy/context.h). Writes session.created, which names timers and context, or authz.denied for
// what the context refuses. Refuses denied "account.not_active", "session.too_weak" (the role asks
// for more), "policy.role_unknown", "clock.behind", "context.denied", "context.second_factor" and
// "context.phishing_resistant" (the context asks for more). A cli session differs in its channel
// only: the same limits (S0-57). Or "passphrase.change_due" (compromised_passphrase.h).
[[nodiscard]] Result<Opened> open(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    authn::AuthenticationProof proof,
    const audit::Where& where,
    Channel channel
);

// A fresh proof by the same account resets the step-up age and the idle timer, rotates the token
// (session.rotated), and moves no cap. The old token is dead at once: drop the session from the
// cache after the commit. Children share the proof. Refuses denied "session.other_account" and what
// check_renewable does, unauthenticated "session.ended".
[[nodiscard]] Result<Opened> renew_proof(
    store::Tx& tx,
    const Moment& moment,
    const Session& session,
    authn::AuthenticationProof proof,
    const audit::Where& where
);

// Refuses denied "session.through_browser": the proof of a command line's session that came through
// a browser is its sign-in's, and is renewed there. Pure.
[[nodiscard]] Result<void> check_renewable(const Session& session);

// Sessions whose time has come although nobody asked: ends them (session.expired_idle or _absolute,
// by "session-timer") and returns them with their children, for the caller to cut leases and drop
// them from the cache. For a job every few seconds, after the cache's activity has been written.
std::vector<SessionId> end_expired(store::Tx& tx, const Moment& moment);

// The wall clock was set back by `step`. What open sessions have used of their time stays used:
// their times move with the clock, so that none outlives its limits. For the clock watch, which
// tells the cache as well.
void set_back(store::Tx& tx, Duration step);

// The device-host session that a redeemed handoff code gives: shares account, ends and proof with
// its parent and dies with it. Refuses what check_alive refuses of the parent, denied
// "handoff.not_web".
[[nodiscard]] Result<Opened> open_on_host(
    store::Tx& tx, const Moment& moment, const Session& parent, const std::string& host
);

// The command line's session that a redeemed cli code gives (cli_code.h): it too shares account,
// ends and proof with its parent and dies with it. `where`: the program's. Refuses what check_alive
// refuses of the parent, denied "cli_code.not_web".
[[nodiscard]] Result<Opened> open_on_command_line(
    store::Tx& tx, const Moment& moment, const Session& parent, const audit::Where& where
);

[[nodiscard]] std::optional<Session> find(store::Tx& tx, const TokenDigest& digest);
[[nodiscard]] std::optional<Session> find(store::Tx& tx, const SessionId& id);
[[nodiscard]] std::vector<Session> list_open(
    store::Tx& tx, const std::optional<AccountId>& account
);

// The session of a token, alive, for whoever missed it in the cache: needs a writing transaction,
// since a session found past its limit is ended, with its event. Refuses unauthenticated
// "session.unknown" (or ended), "session.expired_idle", "session.expired_absolute".
[[nodiscard]] Result<Session> resume(
    store::Tx& tx, const Moment& moment, const TokenDigest& digest
);

// Refuses unauthenticated "session.expired_idle" or "session.expired_absolute" exactly from the
// second on that the limit names. Pure.
[[nodiscard]] Result<void> check_alive(const Session& session, Time now);

enum class EndCause : std::uint8_t {
    logout,
    admin,
    revocation,
    role_change,
    idle,
    absolute,
    token_in_url,
    // Of these, as of idleness at a workstation, the session is locked: badge and PIN open it
    // again.
    tap_out,   // its person took the badge away, or tapped once more
    switched,  // somebody else came to the workstation
    roamed,    // its person went on at another workstation
};

// Ends it and its children, and says whether it did; writes session.terminated /
// expired_idle / expired_absolute once. Ending what has ended is a no-op; so is ending for a limit
// that the store, read again, says is not reached (activity may have come in meanwhile).
bool end(
    store::Tx& tx,
    const Moment& moment,
    const Session& session,
    EndCause cause,
    const audit::Actor& by
);
// All of an account's; returns the ids, for the caller to cut leases.
std::vector<SessionId> end_all(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account,
    EndCause cause,
    const audit::Actor& by
);

// Every session, and the codes that would open more of them: for when no time in them can be
// believed. Returns how many sign-ins that were.
std::size_t end_everybody(
    store::Tx& tx, const Moment& moment, EndCause cause, const audit::Actor& by
);

// Written at most 10 s late by the cache. Never moves backwards. A child's counts for its sign-in.
void touch(store::Tx& tx, const SessionId& id, Time last_active_at);

[[nodiscard]] std::string_view to_text(Channel channel) noexcept;
[[nodiscard]] std::string_view to_text(EndCause cause) noexcept;
[[nodiscard]] TokenDigest digest_of(BytesView token);

}  // namespace sallyport::session
