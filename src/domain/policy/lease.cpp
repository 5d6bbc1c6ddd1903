#include "domain/policy/lease.h"

#include <algorithm>
#include <array>
#include <exception>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sallyport::policy {

namespace {

constexpr std::array<std::string_view, 11> cause_texts{
    "grant_over",
    "grant_revoked",
    "logout",
    "session_ended",
    "role_changed",
    "account_disabled",
    "device_retired",
    "policy_changed",
    "ended_by_watcher",
    "recorder_failed",
    "shutdown",
};

}  // namespace

std::string_view to_text(CutCause cause) noexcept {
    const auto index = static_cast<std::size_t>(cause);
    return index < cause_texts.size() ? cause_texts[index] : "?";
}

// All live leases. One lock over one map: there are as many as there are open visits, and cutting
// is rare, so each cut looks at all of them.
struct Leases::Registry {
    struct Entry {
        HeldLease held;
        Duration length;
        OnCut on_cut;
    };

    mutable std::mutex mutex;
    std::uint64_t last_key = 0;
    std::unordered_map<std::uint64_t, Entry> entries;

    std::uint64_t add(Entry entry) {
        const std::lock_guard lock(mutex);
        entries.emplace(++last_key, std::move(entry));
        return last_key;
    }

    void remove(std::uint64_t key) {
        // Destroyed outside the lock: what a callback captured may hold another lease.
        OnCut forgotten;
        const std::lock_guard lock(mutex);
        const auto found = entries.find(key);
        if (found == entries.end()) return;
        forgotten = std::move(found->second.on_cut);
        entries.erase(found);
    }

    // Takes out what `is_over` says, and only then, unlocked, tells the holders.
    template <class IsOver>
    std::size_t cut(CutCause cause, IsOver is_over) {
        std::vector<OnCut> to_tell;
        {
            const std::lock_guard lock(mutex);
            for (auto at = entries.begin(); at != entries.end();) {
                if (!is_over(at->second)) {
                    ++at;
                    continue;
                }
                to_tell.push_back(std::move(at->second.on_cut));
                at = entries.erase(at);
            }
        }
        // They are off the list: whoever is not told now never would be.
        std::exception_ptr fault;
        for (auto& tell : to_tell) {
            try {
                if (tell) tell(cause);
            } catch (...) {
                if (!fault) fault = std::current_exception();
            }
        }
        if (fault) std::rethrow_exception(fault);
        return to_tell.size();
    }

    template <class Wanted>
    [[nodiscard]] std::vector<HeldLease> list(Wanted wanted) const {
        const std::lock_guard lock(mutex);
        std::vector<HeldLease> held;
        for (const auto& [key, entry] : entries) {
            if (wanted(entry.held)) held.push_back(entry.held);
        }
        return held;
    }
};

struct Lease::State {
    std::weak_ptr<Leases::Registry> registry;
    std::uint64_t key;
    Time ends_at;

    State(std::weak_ptr<Leases::Registry> where, std::uint64_t entry_key, Time end)
        : registry(std::move(where)), key(entry_key), ends_at(end) {}

    State(const State&) = delete;
    State& operator=(const State&) = delete;
    State(State&&) = delete;
    State& operator=(State&&) = delete;

    ~State() {
        if (const auto alive = registry.lock()) alive->remove(key);
    }
};

Lease::Lease(std::shared_ptr<State> state) : state_(std::move(state)) {}

Lease::Lease(Lease&&) noexcept = default;
Lease& Lease::operator=(Lease&&) noexcept = default;
Lease::~Lease() = default;

Time Lease::ends_at() const {
    if (!state_) return {};
    const auto registry = state_->registry.lock();
    if (!registry) return state_->ends_at;
    const std::lock_guard lock(registry->mutex);
    const auto found = registry->entries.find(state_->key);
    return found == registry->entries.end() ? state_->ends_at : found->second.held.ends_at;
}

Time HeldLease::now(Time wall, Duration monotonic) const noexcept {
    if (!ends_at_monotonic) return wall;
    return std::max(wall, Time(ends_at - (*ends_at_monotonic - monotonic)));
}

Leases::Leases() : registry_(std::make_shared<Registry>()) {}

Leases::~Leases() = default;

Lease Leases::hold(const Permit& permit, const ConnectionId& connection, OnCut on_cut) {
    const auto key = registry_->add({
        .held =
            {
                .connection = connection,
                .session = permit.session(),
                .root_session = permit.root_session(),
                .account = permit.account(),
                .person = permit.person(),
                .action = permit.action(),
                .device = permit.device(),
                .grant = permit.grant(),
                .policy_version = permit.policy_version(),
                .decided_at = permit.ends_at() - permit.length(),
                .ends_at = permit.ends_at(),
                .ends_at_monotonic = std::nullopt,
            },
        .length = permit.length(),
        .on_cut = std::move(on_cut),
    });
    return Lease(std::make_shared<Lease::State>(registry_, key, permit.ends_at()));
}

std::size_t Leases::cut_session(const SessionId& session, CutCause cause) {
    return registry_->cut(cause, [&](const auto& entry) {
        return entry.held.session == session || entry.held.root_session == session;
    });
}

std::size_t Leases::cut_account(const AccountId& account, CutCause cause) {
    return registry_->cut(cause, [&](const auto& entry) { return entry.held.account == account; });
}

std::size_t Leases::cut_grant(const GrantId& grant, CutCause cause) {
    return registry_->cut(cause, [&](const auto& entry) { return entry.held.grant == grant; });
}

std::size_t Leases::cut_device(const DeviceId& device, CutCause cause) {
    return registry_->cut(cause, [&](const auto& entry) { return entry.held.device == device; });
}

std::size_t Leases::cut_connection(const ConnectionId& connection, CutCause cause) {
    return registry_->cut(cause, [&](const auto& entry) {
        return entry.held.connection == connection;
    });
}

std::size_t Leases::cut_all(CutCause cause) {
    return registry_->cut(cause, [](const auto& /*entry*/) { return true; });
}

std::size_t Leases::cut_ended(Time now, Duration monotonic) {
    return registry_->cut(CutCause::grant_over, [&](auto& entry) {
        auto& held = entry.held;
        if (!held.ends_at_monotonic) held.ends_at_monotonic = monotonic + entry.length;
        return now >= held.ends_at || monotonic >= *held.ends_at_monotonic;
    });
}

std::vector<HeldLease> Leases::list() const {
    return registry_->list([](const HeldLease&) { return true; });
}

std::vector<HeldLease> Leases::decided_before(std::int64_t policy_version) const {
    return registry_->list([&](const HeldLease& held) {
        return held.policy_version < policy_version;
    });
}

void Leases::doubt_all() {
    const std::lock_guard lock(registry_->mutex);
    for (auto& [key, entry] : registry_->entries) {
        entry.held.policy_version = 0;
    }
}

bool Leases::renew(const ConnectionId& connection, const Permit& permit) {
    const std::lock_guard lock(registry_->mutex);
    for (auto& [key, entry] : registry_->entries) {
        auto& held = entry.held;
        if (held.connection != connection) continue;
        const bool same = held.session == permit.session() && held.account == permit.account() &&
                          held.action == permit.action() && held.device == permit.device() &&
                          held.grant == permit.grant();
        if (!same || held.policy_version >= permit.policy_version()) return false;
        held.policy_version = permit.policy_version();
        const auto sooner = std::max(Duration(held.ends_at - permit.ends_at()), Duration{0});
        held.ends_at -= sooner;
        entry.length -= sooner;
        if (held.ends_at_monotonic) *held.ends_at_monotonic -= sooner;
        return true;
    }
    return false;
}

}  // namespace sallyport::policy
