#pragma once
// Guessing gets slow (S0-64; SP 800-63B-4 §3.2.2). Per kind of secret and per account (or the MAC
// of a name that nobody has) and per source address: after five failures each further attempt waits
// 1 s, 2 s, 4 s … 15 minutes. Nobody is exempt. Failures run down with time; but 99 in a row for
// one account, however slow, stop it until an administrator unlocks it.
//
// A place is a source from which an account's holder signed in within the last 30 days. Attempts
// from there have a counter of their own: strangers who guess from elsewhere slow down and stop
// each other, and not the holder (SP 800-63B-4 §3.2.2 allows for it). So guesses at one account
// are bounded by 99 for each of its places and 99 for all others. A name that nobody has is given
// places too, by a keyed coin, so that their being there does not tell that it exists; but only
// where somebody did sign in, since from anywhere else no name that somebody has has one either.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/keys/key_ring.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::authn {

struct ThrottleRules {
    int free_failures = 5;  // that cost nothing yet
    std::chrono::seconds delay_max = std::chrono::minutes(15);
    std::chrono::seconds one_forgotten_each = std::chrono::minutes(15);
    int in_a_row_max = 99;  // 0: no hard stop
};

// A source is shared (a ward behind one address), so it forgets faster and never stops for good.
inline constexpr ThrottleRules account_rules{};
inline constexpr ThrottleRules source_rules{
    .free_failures = 20,
    .one_forgotten_each = std::chrono::minutes(1),
    .in_a_row_max = 0,
};

// One counter. Pure functions below; the store keeps one per (kind, subject).
struct Throttle {
    std::int64_t failures = 0;  // run down with time
    std::int64_t in_a_row = 0;  // do not; only a success clears them
    Time counted_at;            // when `failures` was last brought up to date
    Time blocked_until;

    friend bool operator==(const Throttle&, const Throttle&) = default;
};

// Brings the counter to `now`; a block that lies further ahead than the longest delay (the clock
// was set back) is cut to that.
[[nodiscard]] Throttle run_down(Throttle throttle, Time now, const ThrottleRules& rules);
[[nodiscard]] Throttle after_failure(Throttle throttle, Time now, const ThrottleRules& rules);
// Takes back one charge that turned out right. A block that was in force stays: else whoever has
// one right passphrase could use it to unblock an address for guessing at others.
[[nodiscard]] Throttle after_success(Throttle throttle);
// How long until the next attempt; 0 now.
[[nodiscard]] Duration wait_of(const Throttle& throttle, Time now);
[[nodiscard]] bool stopped(const Throttle& throttle, const ThrottleRules& rules);

// The address as it is counted: IPv4 as it is, IPv6 by its /64, anything else as text.
[[nodiscard]] std::string source_bucket(std::string_view address);

enum class ThrottleKind : std::uint8_t { passphrase, totp, ticket, webauthn, certificate };

[[nodiscard]] std::string_view to_text(ThrottleKind kind) noexcept;

// Whom an attempt is counted against.
struct ThrottleSubject {
    std::string name;  // "account:ID" or "name:MAC"; empty: only the source is known
    std::string source;
    std::string place{};         // the counter used instead of `name`'s where it is there; or empty
    bool place_assumed = false;  // taken to be there, if anybody has one at that source
};

[[nodiscard]] ThrottleSubject subject_of(const AccountId& account, const audit::Where& where);
[[nodiscard]] ThrottleSubject subject_of_unknown(
    const keys::KeyRing& keys, std::string_view identifier, const audit::Where& where
);
// The second form of a sign-in whose first was counted against `name`: one counter, whether the
// first factor was right or not, or being slowed down would tell which.
[[nodiscard]] ThrottleSubject subject_of_second_form(
    const keys::KeyRing& keys, const std::string& name, bool is_account, const audit::Where& where
);

struct Blocked {
    Duration wait;   // until it is worth trying again
    bool for_good;   // the hard stop: an administrator must unlock
    bool by_source;  // else by account or name
};

// Counts an attempt as failed in advance, or says why it may not be made (then nothing is counted).
[[nodiscard]] std::optional<Blocked> charge(
    store::Tx& tx, const Moment& moment, ThrottleKind kind, const ThrottleSubject& subject
);
// Counts a failure against `subject.name` alone, for guesses that something else lets through.
void count_failure(
    store::Tx& tx, const Moment& moment, ThrottleKind kind, const ThrottleSubject& subject
);
void forget_failures(store::Tx& tx, ThrottleKind kind, const ThrottleSubject& subject);
// The charged attempt was right: forget the failures counted with it, take back the source's one,
// and remember the place.
void settle(store::Tx& tx, const Moment& moment, ThrottleKind kind, const ThrottleSubject& subject);
// Forgets all that is counted against an account and its places, but the place that its holder
// has just proven to be at.
void start_anew(
    store::Tx& tx, const Moment& moment, const AccountId& account, const audit::Where& where
);

// Whether the hard stop was reached, and for whom.
enum class Stop : std::uint8_t {
    none,
    elsewhere,  // for everybody who is not at one of the account's places
    whole,
};
[[nodiscard]] Stop stop_of(store::Tx& tx, ThrottleKind kind, const ThrottleSubject& subject);
// Forgets counters that say nothing any more. For a job.
void sweep_throttles(store::Tx& tx, const Moment& moment);

// Clears what is counted against an account, and authn.unlock. False if there was nothing. The
// account's state is the caller's.
bool unlock(
    store::Tx& tx, const Moment& moment, const AccountId& account, const audit::Actor& actor
);

}  // namespace sallyport::authn
