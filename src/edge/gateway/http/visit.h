#pragma once
// One open visit: session × grant × device. All its sockets share one recording and one loan from
// the vault; none of them serves another visit.

#include "base/core/id.h"
#include "base/core/time.h"
#include "base/crypto/secret.h"
#include "domain/directory/device.h"
#include "domain/governance/grants.h"
#include "domain/policy/lease.h"
#include "domain/recording/recorder.h"
#include "domain/session/session.h"
#include "domain/vault/vault.h"
#include "edge/gateway/http/credential_patterns.h"
#include "edge/gateway/http/host_map.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace sallyport::gateway {

// What a visit is about; does not change while it lasts. (A change of device or grant that matters
// cuts the visit.)
struct VisitFacts {
    ConnectionId id;
    session::TokenDigest session_digest;
    SessionId session;
    AccountId account;
    std::string login_name;
    audit::Actor actor;  // who opened it
    std::string host;
    directory::Device device;
    governance::Grant grant;
    Time opened_at;
    Duration opened_monotonic;
};

// For the list of open visits.
struct OpenVisit {
    ConnectionId connection;
    SessionId session;
    AccountId account;
    std::string login_name;
    DeviceId device;
    std::string device_name;
    GrantId grant;
    Time opened_at;
    Time ends_at;  // at the latest
    std::uint32_t exchanges = 0;
    std::uint64_t to_device_bytes = 0;
    std::uint64_t from_device_bytes = 0;
    std::size_t sockets = 0;
};

// Thread-safe.
class Visit {
public:
    Visit(
        VisitFacts facts,
        const HostMap& hosts,
        std::shared_ptr<recording::Recording> recording,
        vault::LentCredential credential
    );
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    Visit(Visit&&) = delete;
    Visit& operator=(Visit&&) = delete;
    ~Visit() = default;

    [[nodiscard]] const VisitFacts& facts() const noexcept { return facts_; }

    [[nodiscard]] const HostMap& hosts() const noexcept { return hosts_; }

    [[nodiscard]] recording::Recording& recording() const noexcept { return *recording_; }

    [[nodiscard]] const std::shared_ptr<const CredentialPatterns>& patterns() const noexcept {
        return patterns_;
    }

    [[nodiscard]] bool unmaskable() const noexcept { return unmaskable_; }

    // Base64 of user and password; only while a lane is held.
    [[nodiscard]] const crypto::Secret& token() const noexcept { return token_; }

    // A lane is one person's connection together with its socket to the device. `on_end` is called
    // once, from any thread, when the visit ends, and returns at once; it closes both. 0: the visit
    // has ended already. leave() after the lane's last use of recording and credential.
    [[nodiscard]] std::uint64_t enter(std::function<void()> on_end);
    void leave(std::uint64_t lane);

    // Ends it: lanes are told, and when the last has left, `on_last` runs (once). The first cause
    // counts.
    void end(std::string_view cause);
    void on_last(std::function<void()> callback);

    [[nodiscard]] bool ended() const noexcept { return ended_.load(); }

    [[nodiscard]] std::string cause() const;

    void hold(policy::Lease lease);
    // By whoever closes it: leaves the lease registry and wipes the credential.
    void give_back();

    [[nodiscard]] std::uint32_t next_socket() noexcept { return ++sockets_; }

    [[nodiscard]] std::uint32_t next_exchange() noexcept { return ++exchanges_; }

    void count(std::uint64_t to_device, std::uint64_t from_device) noexcept;

    void touch(Duration monotonic) noexcept { active_.store(monotonic.count()); }

    // That the right device answers at this address was found out then (device_reader.h).
    void set_identified(const std::string& peer, Duration monotonic);
    [[nodiscard]] bool is_identified(const std::string& peer, Duration monotonic, Duration for_long)
        const;

    [[nodiscard]] Duration last_active() const noexcept { return Duration(active_.load()); }

    [[nodiscard]] OpenVisit describe() const;

private:
    const VisitFacts facts_;
    const HostMap hosts_;
    const std::shared_ptr<recording::Recording> recording_;
    std::shared_ptr<const CredentialPatterns> patterns_;
    crypto::Secret token_;
    bool unmaskable_;

    std::atomic<bool> ended_{false};
    std::atomic<std::uint32_t> sockets_{0};
    std::atomic<std::uint32_t> exchanges_{0};
    std::atomic<std::uint64_t> to_device_{0};
    std::atomic<std::uint64_t> from_device_{0};
    std::atomic<Duration::rep> active_;

    mutable std::mutex mutex_;
    std::string cause_;
    std::uint64_t lanes_made_ = 0;
    std::unordered_map<std::uint64_t, std::function<void()>> lanes_;
    std::function<void()> on_last_;
    std::optional<policy::Lease> lease_;
    std::string identified_peer_;
    Duration identified_at_{0};
};

}  // namespace sallyport::gateway
