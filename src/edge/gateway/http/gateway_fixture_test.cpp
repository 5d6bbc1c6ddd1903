#include "edge/gateway/http/gateway_fixture.h"

#include "base/store/faults.h"
#include "domain/policy/permit.h"
#include "edge/http/connection.h"
#include "edge/http/handoff.h"
#include "edge/http/tls.h"
#include "edge/http/url_token.h"

#include <arpa/inet.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace sallyport::gateway::test_gate {

namespace asio = boost::asio;
using asio::ip::tcp;

// -- client --

Client::Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(socket_, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0);
    // A gateway that hangs fails the test instead of the run.
    const timeval patience{.tv_sec = 30, .tv_usec = 0};
    REQUIRE(::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0);
}

Client::~Client() {
    if (socket_ >= 0) ::close(socket_);
}

void Client::send(std::string_view bytes) const {
    while (!bytes.empty()) {
        const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

void Client::end_writing() const {
    ::shutdown(socket_, SHUT_WR);
}

Answer Client::receive(std::string_view method) {
    http::ResponseParser parser({}, http::Strictness::toward_people);
    parser.set_body_size_max(1U << 30U);
    parser.expect_answer_to(method);
    parser.feed(rest_);
    Answer answer;
    answer.head.status = 0;
    answer.wire = std::exchange(rest_, {});
    std::array<char, 16384> piece;
    bool ended = false;
    for (;;) {
        auto event = ended ? parser.finish() : parser.next();
        if (!event) return answer;
        if (auto* head = std::get_if<http::ResponseHead>(&*event)) {
            answer.head = std::move(*head);
            if (answer.status() == 101) {
                rest_ = parser.take_rest();
                answer.complete = true;
                return answer;
            }
        } else if (const auto* body = std::get_if<http::Body>(&*event)) {
            answer.body += body->bytes;
        } else if (std::holds_alternative<http::End>(*event)) {
            answer.complete = true;
            rest_ = parser.take_rest();
            return answer;
        } else {
            if (ended) return answer;
            const auto size = ::recv(socket_, piece.data(), piece.size(), 0);
            ended = size <= 0;
            if (ended) continue;
            const std::string_view bytes(piece.data(), static_cast<std::size_t>(size));
            answer.wire += bytes;
            parser.feed(bytes);
        }
    }
}

std::string Client::read_until(std::string_view mark) {
    std::string out = std::exchange(rest_, {});
    std::array<char, 4096> piece;
    while (!out.contains(mark)) {
        const auto size = ::recv(socket_, piece.data(), piece.size(), 0);
        if (size <= 0) break;
        out.append(piece.data(), static_cast<std::size_t>(size));
    }
    return out;
}

std::string Client::read_to_end() {
    return read_until(std::string_view("\0never\0", 7));
}

// -- listener --

namespace {

asio::awaitable<void> serve_one(
    const http::ConnectionHandler& handler,
    tcp::socket socket,
    std::shared_ptr<const http::ConnectionRules> rules
) {
    auto stream = http::make_tcp_stream(std::move(socket));
    auto peer = stream->peer();
    const auto connection = std::make_shared<http::Connection>(
        std::move(stream), std::move(peer), std::move(rules), std::make_shared<http::StopFlag>()
    );
    auto head = co_await connection->next_head();
    if (!head || !*head) co_return;
    auto request = http::request_from(**head, *connection);
    if (!request) {
        co_await connection->refuse_and_close(http::status_of(request.error()));
        co_return;
    }
    auto work = handler(connection, **std::move(head), *std::move(request));
    co_await std::move(work);
}

asio::awaitable<void> accept_all(tcp::acceptor& acceptor, http::ConnectionHandler handler) {
    const auto rules = std::make_shared<const http::ConnectionRules>();
    for (;;) {
        boost::system::error_code error;
        auto socket =
            co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return;
        const auto executor = acceptor.get_executor();
        auto one = serve_one(handler, std::move(socket), rules);
        asio::co_spawn(executor, std::move(one), asio::detached);
    }
}

}  // namespace

Listener::Listener(asio::io_context& io, HttpGateway& gateway)
    : io_(io),
      acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      port_(acceptor_.local_endpoint().port()) {
    auto loop = accept_all(acceptor_, gateway.handler());
    asio::co_spawn(io_, std::move(loop), asio::detached);
    thread_ = std::thread([this] { io_.run(); });
}

Listener::~Listener() {
    io_.stop();
    thread_.join();
}

// -- gate --

Gate::Gate(const GateOptions& options)
    : people(store.database()),
      moments(people.clock, random, "test"),
      policy(std::make_shared<const policy::Policy>(people.policy), people.clock),
      vault(people.keys) {
    store.database().write([&](store::Tx& tx) {
        policy::install_first_policy(tx, people.policy, people.now());
    });
    moments.assess(ClockState::synchronised);
    recorder.settings.lazy_delay = options.recorder_lazy_delay;
    recorder.start();
    pump::Options at;
    at.http_port = 0;
    at.hl7_port = 0;
    at.byte_log = options.byte_log;
    pump.emplace(at);
    admin = people.first_administrator();
    erin = people.enrolled(*admin, "erin.engineer", "engineer");
    paul = people.enrolled(*admin, "paul.approver", "approver");
    register_device(options);
    if (options.accept_notice) {
        const auto accepted = store.database().write([&](store::Tx& tx) {
            return governance::accept_notice(
                tx, people.now(), erin->account, people.policy.notice_version, people.acting(*erin)
            );
        });
        REQUIRE(accepted.has_value());
    }
    gateway = std::make_unique<HttpGateway>(
        Services{
            .database = database,
            .sessions = sessions,
            .policy = policy,
            .leases = leases,
            .vault = vault,
            .recorder = *recorder.recorder,
            .clock = people.clock,
            .moments = moments,
            .site = {"sign-in.example", "gate.example", 443},
            .address_rules = directory::AddressRules::demo,
            .own = {},
            .alarm = alarm,
        },
        options.limits
    );
    listener = std::make_unique<Listener>(io, *gateway);
}

Gate::~Gate() {
    CHECK(gateway->stop());
}

void Gate::register_device(const GateOptions& options) {
    auto profile = directory::default_profile("A2");
    if (options.profile) options.profile(profile);
    const auto web = signed_in(*admin).session;
    store.database().write([&](store::Tx& tx) {
        const directory::NewDevice wanted{
            .name = directory::DeviceName::parse("pump-07").value(),
            .serial = options.serial,
            .address = "127.0.0.1",
            .port = options.device_port == 0 ? pump->http_port() : options.device_port,
            .archetype = "A2",
            .profile = profile,
        };
        device = directory::create_device(tx, wanted, admin->account, people.now()).value();
        const auto subject = web.subject();
        const policy::Question question{
            .subject = subject,
            .action = policy::Permission::vault_manage,
            .device = device->id,
            .about = std::nullopt,
            .grant = std::nullopt,
        };
        const auto permit = policy::decide(people.policy, question, people.clock.now()).value();
        auto actor = people.acting(*admin);
        actor.session = web.id;
        const auto password = test::secret(options.password);
        const auto item = vault.put(
            tx, people.now(), permit, device->id, std::string(pump::service_user), password, actor
        );
        REQUIRE(item.has_value());
    });
}

governance::Grant Gate::grant(std::chrono::minutes length, std::vector<std::string> capabilities) {
    return grant_for(*erin, length, std::move(capabilities));
}

governance::Grant Gate::grant_for(
    const test::TestPerson& requester,
    std::chrono::minutes length,
    std::vector<std::string> capabilities
) {
    const auto engineer = signed_in(requester).session;
    const auto approver = signed_in(*paul).session;
    return store.database().write([&](store::Tx& tx) {
        const auto now = people.clock.now();
        const auto permit = [&](const session::Session& who,
                                policy::Permission action,
                                std::optional<AccountId> about) {
            const auto subject = who.subject();
            const policy::Question question{
                .subject = subject,
                .action = action,
                .device = device->id,
                .about = about,
                .grant = std::nullopt,
            };
            return policy::decide(people.policy, question, now).value();
        };
        const governance::GrantRequest wanted{
            device->id, "Replace the pump's battery", "CHG-1", now, now + length, capabilities
        };
        auto by = people.acting(requester);
        by.session = engineer.id;
        const auto asked = governance::request_grant(
            tx,
            people.now(),
            people.policy,
            permit(engineer, policy::Permission::grant_request, {}),
            wanted,
            by
        );
        CAPTURE((asked ? "" : std::string(asked.error().reason)));
        REQUIRE(asked.has_value());
        by = people.acting(*paul);
        by.session = approver.id;
        const auto granted = governance::decide_grant(
            tx,
            people.now(),
            people.policy,
            permit(approver, policy::Permission::grant_approve, requester.account),
            asked->id,
            governance::Verdict::approve,
            "as discussed",
            by
        );
        CAPTURE((granted ? "" : std::string(granted.error().reason)));
        REQUIRE(granted.has_value());
        return *granted;
    });
}

session::Opened Gate::signed_in(const test::TestPerson& person) {
    auto proof = people.sign_in(person);
    REQUIRE(proof.has_value());
    // Moved out of the transaction's closure once: SQLite runs it once.
    auto opened = store.database().write([&](store::Tx& tx) {
        return session::open(
            tx, people.now(), people.policy, *std::move(proof), people.where, session::Channel::web
        );
    });
    REQUIRE(opened.has_value());
    return *std::move(opened);
}

std::string Gate::cookie_of(const test::TestPerson& person) {
    return cookie_for(signed_in(person).session);
}

std::string Gate::cookie_for(const session::Session& web) {
    const auto opened = store.database().write([&](store::Tx& tx) {
        return session::open_on_host(tx, people.now(), web, std::string(device_host));
    });
    REQUIRE(opened.has_value());
    return std::string(http::host_session_cookie) + "=" + http::token_text(opened->token);
}

Answer Gate::ask(
    std::string_view method, std::string_view target, std::string_view fields, std::string_view body
) const {
    Client asking(listener->port());
    std::string request = std::string(method) + " " + std::string(target) +
                          " HTTP/1.1\r\nHost: " + std::string(device_host) +
                          "\r\nConnection: close\r\n" + std::string(fields);
    if (!body.empty()) request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    request += "\r\n" + std::string(body);
    asking.send(request);
    return asking.receive(method);
}

void DatabaseWithGap::in_the_next_gap(std::function<void(store::Tx&)> work) {
    const std::lock_guard lock(mutex_);
    waiting_ = std::move(work);
}

void DatabaseWithGap::submit_write(Work work, Done done) {
    if (refused_ > 0) {
        --refused_;
        done(std::make_exception_ptr(store::StorageFull("the disk is full; nothing was done")));
        return;
    }
    std::function<void(store::Tx&)> gap;
    {
        const std::lock_guard lock(mutex_);
        gap = std::exchange(waiting_, nullptr);
    }
    if (!gap) {
        inner_.submit_write(std::move(work), std::move(done));
        return;
    }
    inner_.submit_write(
        std::move(work),
        [this, gap = std::move(gap), done = std::move(done)](std::exception_ptr failed) mutable {
            if (failed) {
                done(std::move(failed));
                return;
            }
            inner_.submit_write(std::move(gap), std::move(done));
        }
    );
}

std::shared_ptr<const policy::Policy> Gate::store_policy(
    store::Tx& tx, const std::function<void(policy::Policy&)>& change
) {
    auto next = *policy::policy_in_force(tx);
    ++next.version;
    change(next);
    tx.execute("UPDATE policy_version SET state = 'superseded' WHERE state = 'applied'");
    tx.execute(
        "INSERT INTO policy_version (version, based_on, state, json, diff, rationale, proposed_at) "
        "VALUES (?, ?, 'applied', ?, '', 'changed by a test', ?)",
        {next.version, next.version - 1, policy::to_json(next), store::value(people.clock.now())}
    );
    return std::make_shared<const policy::Policy>(std::move(next));
}

void Gate::change_policy(const std::function<void(policy::Policy&)>& change) {
    policy.set(store.database().write([&](store::Tx& tx) { return store_policy(tx, change); }));
}

void Gate::end_visits() {
    CHECK(gateway->stop());
}

std::vector<audit::Entry> Gate::events(const std::string& type) {
    return people.events(type);
}

std::vector<recording::ReadFrame> Gate::frames(const ConnectionId& connection) {
    auto reader = recording::RecordingReader::open(
        recorder.disk, recorder.settings.folder, connection, recorder.keys
    );
    REQUIRE(reader.has_value());
    return test::all_of(*std::move(reader));
}

std::string Gate::all_recorded() {
    std::string all;
    for (const auto& event : events("rec.started")) {
        const auto id = ConnectionId::parse(event.object.substr(event.object.find(':') + 1));
        REQUIRE(id.has_value());
        for (const auto& [sequence, frame] : frames(*id)) {
            all += as_text(frame.payload);
            all += '\n';
        }
    }
    return all;
}

std::string cookie_field(std::string_view cookie) {
    return "Cookie: " + std::string(cookie) + "\r\n";
}

}  // namespace sallyport::gateway::test_gate
