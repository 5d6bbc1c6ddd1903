#pragma once
// A gate for tests: real people, a real recorder, a real database and a real pump, all in this
// process, and a listener without TLS in front of the gateway's handler.

#include "examples/pump/device.h"
#include "examples/pump/service_password.h"
#include "tests/support/databases.h"
#include "tests/support/memory_disk.h"
#include "tests/support/people.h"
#include "tests/support/recorded.h"

#include "base/crypto/crypto.h"
#include "base/keys/key_ring.h"
#include "domain/audit/log.h"
#include "domain/directory/device.h"
#include "domain/governance/grants.h"
#include "domain/governance/notice.h"
#include "domain/policy/current_policy.h"
#include "domain/policy/lease.h"
#include "domain/recording/reader.h"
#include "domain/recording/recorder.h"
#include "domain/session/session.h"
#include "domain/session/session_cache.h"
#include "domain/vault/vault.h"
#include "edge/gateway/http/http_gateway.h"
#include "edge/http/http1_codec.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace sallyport::gateway::test_gate {

inline constexpr std::string_view device_host = "pump-07.gate.example";
inline constexpr std::string_view own_origin = "https://pump-07.gate.example";

struct Answer {
    http::ResponseHead head;
    std::string body;
    std::string wire;       // every byte that came
    bool complete = false;  // the answer ended where its framing says

    [[nodiscard]] int status() const { return head.status; }

    [[nodiscard]] std::string field(std::string_view name) const {
        return std::string(head.headers.only(name).value_or(std::string_view()));
    }
};

// A client that sends what it is told and reads answers strictly.
class Client {
public:
    explicit Client(std::uint16_t port);
    ~Client();

    Client(Client&& other) noexcept
        : socket_(std::exchange(other.socket_, -1)), rest_(std::move(other.rest_)) {}

    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    Client& operator=(Client&&) = delete;

    void send(std::string_view bytes) const;
    [[nodiscard]] Answer receive(std::string_view method = "GET");
    // Raw bytes until `mark` was seen or the other side closed.
    [[nodiscard]] std::string read_until(std::string_view mark);
    [[nodiscard]] std::string read_to_end();
    void end_writing() const;

private:
    int socket_;
    std::string rest_;
};

// Takes connections and hands them to the gateway, on a thread of its own.
class Listener {
public:
    Listener(boost::asio::io_context& io, HttpGateway& gateway);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    Listener(Listener&&) = delete;
    Listener& operator=(Listener&&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }

private:
    boost::asio::io_context& io_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::uint16_t port_;
    std::thread thread_;
};

// The gate's database, with a place between a commit and its being told: what others do just then.
class DatabaseWithGap final : public store::Database {
public:
    explicit DatabaseWithGap(store::Database& inner) : inner_(inner) {}

    // Once, in a transaction of its own, after the gateway's next write has been committed and
    // before the gateway hears of it.
    void in_the_next_gap(std::function<void(store::Tx&)> work);

    // As a full disk has it: that many of the next writes are refused, and do nothing.
    void refuse_writes(int count) { refused_ = count; }

    [[nodiscard]] int refusals_left() const { return refused_; }

    [[nodiscard]] store::Engine engine() const noexcept override { return inner_.engine(); }

    [[nodiscard]] bool healthy() const noexcept override { return inner_.healthy(); }

    void submit_write(Work work, Done done) override;

    void submit_read(Work work, Done done) override {
        inner_.submit_read(std::move(work), std::move(done));
    }

private:
    store::Database& inner_;
    std::mutex mutex_;
    std::function<void(store::Tx&)> waiting_;
    std::atomic<int> refused_ = 0;
};

struct GateOptions {
    std::string password{pump::service_password};
    std::uint16_t device_port = 0;  // 0: the pump's
    std::string serial = "SN-7";    // as registered; the pump says SN-0007
    std::function<void(directory::DeviceProfile&)> profile = {};
    // A device that hangs would hold each test's end up.
    GatewayLimits limits = {.finish_max = std::chrono::milliseconds(0)};
    bool accept_notice = true;
    std::string byte_log = {};
    std::chrono::milliseconds recorder_lazy_delay{1};
};

class Gate {
public:
    explicit Gate(const GateOptions& options = {});
    ~Gate();
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;
    Gate(Gate&&) = delete;
    Gate& operator=(Gate&&) = delete;

    // A grant for the engineer, asked for and approved by the two people it takes.
    governance::Grant grant(
        std::chrono::minutes length = std::chrono::minutes(60),
        std::vector<std::string> capabilities = {}
    );
    governance::Grant grant_for(
        const test::TestPerson& requester,
        std::chrono::minutes length = std::chrono::minutes(60),
        std::vector<std::string> capabilities = {}
    );
    // A sign-in on the sign-in host, and what a handoff makes of it: the cookie of the device host.
    session::Opened signed_in(const test::TestPerson& person);
    std::string cookie_of(const test::TestPerson& person);
    std::string cookie_for(const session::Session& web);

    [[nodiscard]] Client client() const { return Client(listener->port()); }

    // One request on a connection of its own, with `Connection: close`.
    [[nodiscard]] Answer ask(
        std::string_view method,
        std::string_view target,
        std::string_view fields = {},
        std::string_view body = {}
    ) const;

    // Another policy, in the store and in memory: the one in force, changed, with the next version.
    void change_policy(const std::function<void(policy::Policy&)>& change);
    // In the store alone, as right after the commit.
    std::shared_ptr<const policy::Policy> store_policy(
        store::Tx& tx, const std::function<void(policy::Policy&)>& change
    );

    // Ends all visits and waits until they are sealed.
    void end_visits();
    [[nodiscard]] std::vector<audit::Entry> events(const std::string& type);
    [[nodiscard]] std::vector<recording::ReadFrame> frames(const ConnectionId& connection);
    // All visits' frames, as one text: what a search for a credential looks through.
    [[nodiscard]] std::string all_recorded();

    // Outlives the threads of store and recorder, which hand their answers to it.
    boost::asio::io_context io;
    test::SqliteFixture store;
    DatabaseWithGap database{store.database()};
    crypto::SystemRandom random;
    test::People people;
    test::RecorderInMemory recorder;
    MomentSource moments;
    session::SessionCache sessions;
    policy::CurrentPolicy policy;
    policy::Leases leases;
    vault::Vault vault;
    std::atomic<bool> alarm{false};
    std::optional<pump::Device> pump;
    std::optional<test::TestPerson> admin;
    std::optional<test::TestPerson> erin;  // the engineer
    std::optional<test::TestPerson> paul;  // the approver
    std::optional<directory::Device> device;
    std::unique_ptr<HttpGateway> gateway;
    std::unique_ptr<Listener> listener;

private:
    void register_device(const GateOptions& options);
};

// "Cookie: …\r\n"
[[nodiscard]] std::string cookie_field(std::string_view cookie);

}  // namespace sallyport::gateway::test_gate
