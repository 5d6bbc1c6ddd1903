#pragma once
// Sessions in memory: the hot path's look-up touches nothing else. The store stays the truth; a
// miss reads it, an end is written to it before it is acknowledged, and before a session is ended
// for idleness it is read again.

#include "domain/session/session.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace sallyport::session {

// Thread-safe.
class SessionCache {
public:
    SessionCache();
    ~SessionCache();
    SessionCache(const SessionCache&) = delete;
    SessionCache& operator=(const SessionCache&) = delete;
    SessionCache(SessionCache&&) = delete;
    SessionCache& operator=(SessionCache&&) = delete;

    // The cached session, if it is there, with its last activity as known here. `now` is not
    // recorded as activity; touch() does that, for requests made by a person (background polling
    // does not count, S0-31).
    [[nodiscard]] std::shared_ptr<const Session> find(const TokenDigest& digest) const;
    void put(const TokenDigest& digest, Session session);
    void touch(const TokenDigest& digest, Time now);
    void drop(const SessionId& id);  // and its device-host children
    void drop_account(const AccountId& account);
    void clear();

    // Activity not yet written, for the writer that runs every few seconds (10 s at most).
    [[nodiscard]] std::vector<std::pair<SessionId, Time>> take_unwritten();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport::session
