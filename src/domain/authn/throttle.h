#pragma once
// Guessing gets slow (S0-64; SP 800-63B-4 §3.2.2). Per kind of secret and per account and per
// source address: after five failures each further attempt waits 1 s, 2 s, 4 s … 15 minutes. Nobody
// is exempt. Failures run down with time; but 99 in a row, however slow, stop that kind of secret
// for sources of that class until an administrator unlocks it. They stop nothing else: the account
// stays open, and so do its other ways in.
//
// The class of a source, the first that fits. Each has a counter of its own, so that guesses from
// one do not slow down or stop attempts from another, and those of an account are bounded by 99 for
// each:
//
//   place         where the account's holder signed in within the last 30 days
//   workstation   a registered one (directory/workstation.h)
//   zone          of the house's own network, not a remote one (policy/zones.h)
//   elsewhere     everything else
//
// A name that nobody has is counted too, or its waits would tell. It is given places by a keyed
// coin, so that their being there does not tell that it exists; but only where somebody did sign
// in, since from anywhere else no name that somebody has has one either. Such names share 1,024
// counters (L-27) by a keyed hash, so that nobody can choose which: one half for attempts from
// elsewhere, one for the other classes, where strangers are not. From elsewhere names that somebody
// has wait by the shared counters as well: else whoever fills them could tell the names that are
// not slowed down.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/keys/key_ring.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/policy/policy.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

inline constexpr std::size_t shared_counters_max = 1024;  // of names that nobody has, for each kind

// One counter. Pure functions below; the store keeps one per (kind, subject).
struct Throttle {
    std::int64_t failures = 0;  // run down with time
    std::int64_t in_a_row = 0;  // do not; only a success clears them
    Time counted_at;            // when `failures` was last brought up to date
    Time blocked_until;
    // Of a shared counter: whose failures `in_a_row` are, as a keyed hash. Another's begin anew.
    std::string last_name{};

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

enum class ThrottleKind : std::uint8_t { passphrase, totp, ticket, webauthn };

[[nodiscard]] std::string_view to_text(ThrottleKind kind) noexcept;

// The class of a source that is known to the house, for the functions below: "workstation:NAME",
// "zone:NAME", or empty.
[[nodiscard]] std::string source_class(const policy::Policy& policy, const audit::Where& where);

// Whom an attempt is counted against.
struct ThrottleSubject {
    std::string name;  // "account:ID" or "name:MAC", for the log; empty: only the source is known
    std::string source;
    std::string place{};         // the counter where its holder signed in; or empty
    bool place_assumed = false;  // taken to be there, if anybody signed in at that source
    std::string known{};         // the counter of the source's class, where it has one; or empty
    // Counted from elsewhere: of a name that nobody has, instead of `name`; of an account, beside
    // it.
    std::string shared{};
    std::string typed{};   // name_of() what was typed
    bool nobodys = false;  // all its counters are shared ones
};

// An account whose holder is signed in, or that something else than its name has told.
[[nodiscard]] ThrottleSubject subject_of(
    const AccountId& account, const audit::Where& where, std::string_view source_class = {}
);
// "name:MAC": how a name that was typed is kept, which may be a passphrase in the wrong field.
[[nodiscard]] std::string name_of(const keys::KeyRing& keys, std::string_view identifier);
// A name that was typed at the sign-in, as name_of() keeps it: an account's, or nobody's.
[[nodiscard]] ThrottleSubject subject_of_name(
    const keys::KeyRing& keys,
    const std::string& typed,
    const std::optional<AccountId>& account,
    const audit::Where& where,
    std::string_view source_class = {}
);
// The second form of a sign-in whose first was counted against `first`: one counter, whether the
// first factor was right or not, or being slowed down would tell which.
[[nodiscard]] ThrottleSubject subject_of_second_form(ThrottleSubject first);

struct Blocked {
    Duration wait;   // until it is worth trying again
    bool for_good;   // the hard stop: an administrator must unlock
    bool by_source;  // else by account or name
};

// Counts an attempt as failed in advance, or says why it may not be made (then nothing is counted).
[[nodiscard]] std::optional<Blocked> charge(
    store::Tx& tx, const Moment& moment, ThrottleKind kind, const ThrottleSubject& subject
);
// Counts a failure against the account alone, for guesses that something else lets through.
void count_failure(
    store::Tx& tx, const Moment& moment, ThrottleKind kind, const ThrottleSubject& subject
);
// The account's holder is there: forget the failures counted with the subject, take back the one
// that its attempt was charged with where others count too, and remember the place.
void settle_account(
    store::Tx& tx, const Moment& moment, ThrottleKind kind, const ThrottleSubject& subject
);
// The charged attempt was right: settle_account(), and take back the source's one.
void settle(store::Tx& tx, const Moment& moment, ThrottleKind kind, const ThrottleSubject& subject);
// Forgets all that is counted against an account and its places, but the place that its holder
// has just proven to be at.
void start_anew(
    store::Tx& tx, const Moment& moment, const AccountId& account, const audit::Where& where
);

// Whether the hard stop was reached for sources of the subject's class.
[[nodiscard]] bool is_stopped(store::Tx& tx, ThrottleKind kind, const ThrottleSubject& subject);
// The kinds of secret that are stopped for sources of some class.
[[nodiscard]] std::vector<ThrottleKind> stops_of(store::Tx& tx, const AccountId& account);
// Forgets counters that say nothing any more. For a job.
void sweep_throttles(store::Tx& tx, const Moment& moment);

// Clears what is counted against an account, and authn.unlock. False if there was nothing.
bool unlock(
    store::Tx& tx, const Moment& moment, const AccountId& account, const audit::Actor& actor
);

}  // namespace sallyport::authn
