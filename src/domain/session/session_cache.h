#pragma once
// Sessions in memory: the hot path's look-up touches nothing else. The store stays the truth; a
// miss reads it, an end is written to it before it is acknowledged, and before a session is ended
// for idleness it is read again.

#include "domain/session/session.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace sallyport::session {

// Thread-safe.
class SessionCache {
public:
    // Holds at most `size_max` sessions; beyond that others are forgotten and read again.
    explicit SessionCache(std::size_t size_max = 100'000);
    ~SessionCache();
    SessionCache(const SessionCache&) = delete;
    SessionCache& operator=(const SessionCache&) = delete;
    SessionCache(SessionCache&&) = delete;
    SessionCache& operator=(SessionCache&&) = delete;

    // The cached session, if it is there, with its last activity as known here. Looking is not
    // activity; touch() is, for requests made by a person (background polling does not count,
    // S0-31).
    [[nodiscard]] std::shared_ptr<const Session> find(const TokenDigest& digest) const;
    // The hot path in one step: the session if it is here and alive at `now` by the exact last
    // activity, else null (then read the store). Cheaper than find() and check_alive(), since the
    // session's own last_active_at may lag here.
    [[nodiscard]] std::shared_ptr<const Session> alive(const TokenDigest& digest, Time now) const;

    // Take the mark before the transaction that reads or opens the session, and give it to put().
    // If anything was dropped since, the session is not kept: it may be the one that was ended, and
    // it will be read again.
    using Mark = std::uint64_t;
    [[nodiscard]] Mark mark() const noexcept;
    void put(const TokenDigest& digest, Session session, Mark taken);

    void touch(const TokenDigest& digest, Time now);
    void drop(const SessionId& id);  // and its device-host children
    void drop_account(const AccountId& account);
    void clear();
    // The wall clock was set back, and session::set_back committed: forgets every session, and
    // moves what is known of their activity.
    void set_back(Duration step);

    // Activity not yet written, for the writer that runs every few seconds (10 s at most).
    [[nodiscard]] std::vector<std::pair<SessionId, Time>> take_unwritten();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport::session
