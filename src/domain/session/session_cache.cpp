#include "domain/session/session_cache.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <mutex>
#include <unordered_map>

namespace sallyport::session {

namespace {

constexpr std::size_t shard_count = 16;

// A digest is random bytes already.
struct DigestHash {
    std::size_t operator()(const TokenDigest& digest) const noexcept {
        std::size_t hash = 0;
        std::memcpy(&hash, digest.data(), sizeof(hash));
        return hash;
    }
};

std::size_t shard_of(const TokenDigest& digest) {
    return std::to_integer<std::size_t>(digest.back()) % shard_count;
}

// The activity of one sign-in, shared by the entries of its web session and its device hosts.
// It outlives them if it has something to write.
struct Activity {
    explicit Activity(std::int64_t micros) : last(micros), written(micros) {}

    std::atomic<std::int64_t> last;
    std::atomic<std::int64_t> written;
};

// Moves `value` up to `to`, never down: requests of several connections arrive in any order.
void raise(std::atomic<std::int64_t>& value, std::int64_t to) {
    auto seen = value.load(std::memory_order_relaxed);
    while (seen < to && !value.compare_exchange_weak(seen, to, std::memory_order_relaxed)) {
    }
}

struct Entry {
    std::shared_ptr<const Session> session;  // last_active_at may lag behind `activity`
    std::shared_ptr<Activity> activity;
};

bool alive_at(const Entry& entry, Time now) {
    const auto last = from_micros(entry.activity->last.load(std::memory_order_relaxed));
    return now < entry.session->ends_at && now - last < entry.session->idle_max;
}

struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<TokenDigest, Entry, DigestHash> entries;
};

}  // namespace

struct SessionCache::Impl {
    explicit Impl(std::size_t size_max)
        : shard_size_max(std::max<std::size_t>(size_max / shard_count, 1)) {}

    std::shared_ptr<Activity> activity_of(const Session& session) {
        const std::lock_guard lock(activities_mutex);
        auto& activity = activities[session.root()];
        const auto known = to_micros(session.last_active_at);
        if (!activity) activity = std::make_shared<Activity>(known);
        raise(activity->last, known);
        raise(activity->written, known);
        return activity;
    }

    template <class Condition>
    void drop_if(Condition condition) {
        // First the mark, so that whoever read the session before this can't put it back after.
        mark.fetch_add(1);
        for (auto& shard : shards) {
            const std::lock_guard lock(shard.mutex);
            std::erase_if(shard.entries, [&](const auto& entry) {
                return condition(*entry.second.session);
            });
        }
    }

    const std::size_t shard_size_max;
    mutable std::array<Shard, shard_count> shards;
    std::atomic<Mark> mark{0};
    std::mutex activities_mutex;
    std::unordered_map<SessionId, std::shared_ptr<Activity>> activities;
};

SessionCache::SessionCache(std::size_t size_max) : impl_(std::make_unique<Impl>(size_max)) {}

SessionCache::~SessionCache() = default;

std::shared_ptr<const Session> SessionCache::find(const TokenDigest& digest) const {
    auto& shard = impl_->shards[shard_of(digest)];
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.entries.find(digest);
    if (found == shard.entries.end()) return nullptr;
    auto& entry = found->second;
    const auto last = from_micros(entry.activity->last.load(std::memory_order_relaxed));
    if (last != entry.session->last_active_at) {
        auto current = std::make_shared<Session>(*entry.session);
        current->last_active_at = last;
        entry.session = std::move(current);
    }
    return entry.session;
}

std::shared_ptr<const Session> SessionCache::alive(const TokenDigest& digest, Time now) const {
    auto& shard = impl_->shards[shard_of(digest)];
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.entries.find(digest);
    if (found == shard.entries.end() || !alive_at(found->second, now)) return nullptr;
    return found->second.session;
}

SessionCache::Mark SessionCache::mark() const noexcept {
    return impl_->mark.load();
}

void SessionCache::put(const TokenDigest& digest, Session session, Mark taken) {
    // What was read before the mark moved may tell of an activity that is no longer true.
    if (impl_->mark.load() != taken) return;
    auto activity = impl_->activity_of(session);
    auto kept = std::make_shared<const Session>(std::move(session));
    auto& shard = impl_->shards[shard_of(digest)];
    const std::lock_guard lock(shard.mutex);
    // Under the lock that drop_if takes after it moved the mark: either it is seen here, or the
    // entry is there to be dropped.
    if (impl_->mark.load() != taken) return;
    if (shard.entries.size() >= impl_->shard_size_max && !shard.entries.contains(digest)) {
        shard.entries.erase(shard.entries.begin());
    }
    shard.entries.insert_or_assign(digest, Entry{std::move(kept), std::move(activity)});
}

void SessionCache::touch(const TokenDigest& digest, Time now) {
    auto& shard = impl_->shards[shard_of(digest)];
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.entries.find(digest);
    if (found != shard.entries.end()) raise(found->second.activity->last, to_micros(now));
}

void SessionCache::drop(const SessionId& id) {
    impl_->drop_if([&](const Session& session) { return session.id == id || session.root() == id; }
    );
}

void SessionCache::drop_account(const AccountId& account) {
    impl_->drop_if([&](const Session& session) { return session.account == account; });
}

void SessionCache::clear() {
    impl_->drop_if([](const Session&) { return true; });
}

void SessionCache::set_back(Duration step) {
    clear();
    const std::lock_guard lock(impl_->activities_mutex);
    for (const auto& [id, activity] : impl_->activities) {
        activity->last.fetch_sub(step.count());
        activity->written.fetch_sub(step.count());
    }
}

std::vector<std::pair<SessionId, Time>> SessionCache::take_unwritten() {
    std::vector<std::pair<SessionId, Time>> unwritten;
    const std::lock_guard lock(impl_->activities_mutex);
    std::erase_if(impl_->activities, [&](const auto& item) {
        const auto& [id, activity] = item;
        const auto last = activity->last.load(std::memory_order_relaxed);
        if (last > activity->written.exchange(last)) unwritten.emplace_back(id, from_micros(last));
        // Nobody else holds it: its sessions are no longer here, and this was its last word.
        return activity.use_count() == 1;
    });
    return unwritten;
}

}  // namespace sallyport::session
