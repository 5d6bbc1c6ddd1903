#include "edge/http/server.h"

#include "base/core/fault.h"
#include "base/core/log.h"
#include "base/store/faults.h"
#include "edge/http/admission.h"
#include "edge/http/await.h"
#include "edge/http/body_budget.h"
#include "edge/http/deadline.h"
#include "edge/http/proxy_protocol.h"
#include "edge/http/url_token.h"
#include "edge/http/work_pool.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>

namespace sallyport::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

constexpr int backlog = 1024;
constexpr std::chrono::milliseconds accept_pause{100};

enum class Door : std::uint8_t { tls, redirect };

// What the redirecting port reads: one head, quickly, and no more.
ConnectionRules redirect_rules(const ConnectionRules& rules) {
    ConnectionRules small;
    small.limits = rules.limits;
    small.limits.requests_max = 1;
    small.limits.codec.head_size_max = std::size_t{8} * 1024;
    return small;
}

std::shared_ptr<tcp::acceptor> listen_on(
    asio::io_context& context, const tcp::endpoint& endpoint, bool shared
) {
    auto acceptor = std::make_shared<tcp::acceptor>(context);
    acceptor->open(endpoint.protocol());
    acceptor->set_option(tcp::acceptor::reuse_address(true));
    if (shared) acceptor->set_option(ReusePort(true));
    acceptor->bind(endpoint);
    if (shared) acceptor->listen(backlog);
    return acceptor;
}

Response fault_answer(const std::exception_ptr& fault) {
    try {
        std::rethrow_exception(fault);
    } catch (const store::Overloaded&) {
        return plain_error(503);
    } catch (const Overloaded&) {
        return plain_error(503);
    } catch (const std::exception& error) {
        static std::atomic<std::uint64_t> counter{0};
        const auto started = std::chrono::system_clock::now().time_since_epoch();
        const auto incident = fmt::format(
            "{:x}-{}",
            std::chrono::duration_cast<std::chrono::seconds>(started).count(),
            counter.fetch_add(1) + 1
        );
        log::error("a request ended in a fault", {{"incident", incident}, {"what", error.what()}});
        return plain_error(
            500, fmt::format("Something failed here. If you report it, name incident {}.", incident)
        );
    }
}

}  // namespace

Sites one_site(std::string host, SiteHandler handler) {
    return {
        .sign_in_host = std::move(host),
        .sign_in = std::move(handler),
        .is_device_host = [](std::string_view) { return false; },
        .device = {},
    };
}

struct Server::Impl {
    // One connection, from accept to end. Lives on its core.
    struct Visit {
        asio::cancellation_signal cancel;
        std::shared_ptr<AnyStream> stream;       // once the handshake is done
        std::shared_ptr<Connection> connection;  // likewise
        bool handshaking = true;
    };

    struct Core {
        asio::io_context context{1};
        asio::executor_work_guard<asio::io_context::executor_type> guard =
            asio::make_work_guard(context);
        std::list<std::shared_ptr<tcp::acceptor>> acceptors;
        std::list<std::shared_ptr<Visit>> visits;
        std::thread thread;
    };

    Impl(ServerSettings of, Sites for_sites, std::shared_ptr<TlsServer> with_tls)
        : settings(std::move(of)),
          sites(std::move(for_sites)),
          tls(std::move(with_tls)),
          rules(std::make_shared<const ConnectionRules>(settings.rules)),
          rules_of_redirect(std::make_shared<const ConnectionRules>(redirect_rules(settings.rules))
          ),
          admission(settings.connections_max, settings.connections_per_peer_max),
          bodies(settings.bodies_size_max) {
        const int machine = static_cast<int>(std::thread::hardware_concurrency());
        const int count = settings.cores > 0 ? settings.cores : std::max(1, machine);
        for (int i = 0; i < count; ++i) {
            cores.push_back(std::make_unique<Core>());
        }
        for (const auto& endpoint : settings.tls) {
            tls_ports.push_back(bind(endpoint, Door::tls));
        }
        for (const auto& endpoint : settings.redirect) {
            redirect_ports.push_back(bind(endpoint, Door::redirect));
        }
    }

    std::uint16_t bind(const Endpoint& endpoint, Door door) {
        try {
            tcp::endpoint at(asio::ip::make_address(endpoint.address), endpoint.port);
            // SO_REUSEPORT would share the port with another server of the same user without a
            // word; a socket without it tells.
            const auto probe = listen_on(cores.front()->context, at, false);
            probe->close();
            for (const auto& core : cores) {
                auto acceptor = listen_on(core->context, at, true);
                at.port(acceptor->local_endpoint().port());
                core->acceptors.push_back(acceptor);
                asio::co_spawn(core->context, accept(*core, acceptor, door), [](auto&&...) {});
            }
            return at.port();
        } catch (const boost::system::system_error& error) {
            throw Fault(fmt::format(
                "can't listen on {} port {}: {}",
                endpoint.address,
                endpoint.port,
                error.code().message()
            ));
        }
    }

    asio::awaitable<void> accept(Core& core, std::shared_ptr<tcp::acceptor> acceptor, Door door) {
        asio::steady_timer pause(core.context);
        while (acceptor->is_open()) {
            boost::system::error_code error;
            auto socket =
                co_await acceptor->async_accept(asio::redirect_error(asio::use_awaitable, error));
            if (error == asio::error::operation_aborted) break;
            if (error) {
                // Out of descriptors or memory: what is open goes on, new ones wait.
                pause.expires_after(accept_pause);
                co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
                continue;
            }
            begin(core, std::move(socket), door);
        }
    }

    void begin(Core& core, tcp::socket socket, Door door) {
        boost::system::error_code error;
        const auto peer_end = socket.remote_endpoint(error);
        if (error) return;
        static_cast<void>(socket.set_option(tcp::no_delay(true), error));
        const auto peer = peer_text(peer_end.address());
        // A proxy speaks for many; whom it names is counted where a connection is one person's.
        const bool proxy = settings.proxy_protocol_peers.contains(peer) ||
                           settings.rules.forwarded_peers.contains(peer);

        auto place = admission.enter(proxy ? std::string() : peer);
        if (!place) return;  // the socket closes
        const auto visit = std::make_shared<Visit>();
        const auto at = core.visits.insert(core.visits.end(), visit);
        auto done = [&core, at, place](const std::exception_ptr& fault) {
            log_end(fault);
            core.visits.erase(at);
        };
        asio::co_spawn(
            core.context,
            serve(visit, std::move(socket), door, peer, place),
            asio::bind_cancellation_slot(visit->cancel.slot(), std::move(done))
        );
    }

    static std::string peer_text(const asio::ip::address& address) {
        const auto parsed = parse_ip(address.to_string());
        return parsed ? ip_text(*parsed) : address.to_string();
    }

    static void log_end(const std::exception_ptr& fault) {
        if (!fault) return;
        try {
            std::rethrow_exception(fault);
        } catch (const boost::system::system_error& error) {
            log::write(log::Level::debug, "a connection ended", {{"why", error.what()}});
        } catch (const std::exception& error) {
            log::error("a connection ended in a fault", {{"what", error.what()}});
        }
    }

    asio::awaitable<void> serve(
        std::shared_ptr<Visit> visit,
        tcp::socket socket,
        Door door,
        std::string peer,
        std::shared_ptr<Admission::Place> place
    ) {
        if (settings.proxy_protocol_peers.contains(peer)) {
            peer = co_await proxied_peer(socket, peer);
            if (!place->charge(peer)) co_return;
        }
        if (door == Door::tls) {
            visit->stream = co_await tls->accept(std::move(socket), limits().handshake_max);
        } else {
            visit->stream = make_tcp_stream(std::move(socket));
        }
        visit->connection = std::make_shared<Connection>(
            visit->stream, peer, door == Door::tls ? rules : rules_of_redirect, draining
        );
        visit->handshaking = false;
        auto& connection = *visit->connection;
        if (place->over_limit()) {
            co_await connection.refuse_and_close(503);
        } else if (door == Door::redirect) {
            co_await redirect(connection);
        } else {
            co_await dispatch(visit->connection);
        }
        connection.stream().close();
    }

    // The source address that a listed balancer states in front of everything else.
    asio::awaitable<std::string> proxied_peer(tcp::socket& socket, std::string peer) const {
        Deadline deadline(socket.get_executor(), [&socket] {
            boost::system::error_code ignored;
            static_cast<void>(socket.close(ignored));
        });
        deadline.expires_after(limits().handshake_max);
        std::array<char, proxy_prefix_size> prefix_bytes{};
        co_await asio::async_read(socket, asio::buffer(prefix_bytes), asio::use_awaitable);
        const auto prefix = parse_proxy_prefix({prefix_bytes.data(), prefix_bytes.size()});
        if (!prefix) throw Fault("a PROXY protocol peer sent no PROXY protocol header: " + peer);

        std::string rest(prefix->rest_size, '\0');
        co_await asio::async_read(socket, asio::buffer(rest), asio::use_awaitable);
        const auto source = parse_proxy_source(*prefix, rest);
        if (!source) throw Fault("a PROXY protocol peer sent a malformed header: " + peer);
        co_return source->value_or(peer);
    }

    // S1-13: plain HTTP is answered before any credential is looked at: neither fields but Host
    // nor a body are read.
    asio::awaitable<void> redirect(Connection& connection) {
        auto head = co_await connection.next_head();
        if (!head) {
            co_await connection.refuse_and_close(status_of(head.error()));
            co_return;
        }
        if (!*head) co_return;
        const auto request = request_from(**head, connection);
        const bool ours = request && knows(request->host) && !token_in_target(*request);
        if (!ours) {
            co_await connection.refuse_and_close(400);
            co_return;
        }
        const auto port =
            settings.public_port == 443 ? "" : fmt::format(":{}", settings.public_port);
        Response response{.status = 308, .headers = {}, .body = {}};
        response.headers.add(
            "Location", fmt::format("https://{}{}{}", request->host, port, request->target)
        );
        response.headers.add("Cache-Control", "no-store");
        static_cast<void>(co_await connection.answer(std::move(response)));
        co_await connection.close_gently();
    }

    [[nodiscard]] bool knows(std::string_view host) const {
        return host == sites.sign_in_host || sites.is_device_host(host);
    }

    asio::awaitable<void> dispatch(std::shared_ptr<Connection> connection) {
        const auto server_name = connection->stream().server_name();
        for (;;) {
            auto head = co_await connection->next_head();
            if (!head) {
                co_await connection->refuse_and_close(status_of(head.error()));
                co_return;
            }
            if (!*head) co_return;
            auto request = request_from(**head, *connection);
            if (!request) {
                co_await connection->refuse_and_close(status_of(request.error()));
                co_return;
            }
            // A name proven to the browser by one certificate, and another asked for.
            const bool named = server_name.empty() || server_name == request->host;
            if (!named || !knows(request->host)) {
                co_await connection->refuse_and_close(421);
                co_return;
            }
            if (request->host != sites.sign_in_host) {
                co_await sites.device(connection, std::move(**head), *std::move(request));
                co_await connection->close_gently();
                co_return;
            }
            const bool go_on = co_await answer_site(*connection, *std::move(request));
            if (!go_on) {
                co_await connection->close_gently();
                co_return;
            }
        }
    }

    asio::awaitable<bool> answer_site(Connection& connection, Request request) {
        BodyBudget::Share share(bodies);
        connection.set_body_size_max(settings.body_size_max);
        for (;;) {
            const auto piece = co_await connection.next_body();
            if (piece && piece->empty()) break;
            if (!piece || !share.grow(piece->size())) {
                const int status = piece ? 503 : status_of(piece.error());
                co_await connection.refuse_and_close(status);
                co_return false;
            }
            request.body += *piece;
        }
        Response response;
        try {
            response = co_await sites.sign_in(std::move(request));
        } catch (...) {
            response = fault_answer(std::current_exception());
        }
        add_security_headers(response, settings.security);
        const bool go_on = co_await connection.answer(std::move(response));
        co_return go_on;
    }

    [[nodiscard]] const ConnectionLimits& limits() const { return settings.rules.limits; }

    void start() {
        for (const auto& core : cores) {
            core->thread = std::thread([&context = core->context] { context.run(); });
        }
        started = true;
    }

    void drain() {
        if (std::exchange(drains, true)) return;
        draining->set();
        on_each_core(&Impl::begin_drain);
    }

    void stop() {
        if (std::exchange(stopped, true)) return;
        drain();
        if (started && !admission.wait_until_empty(settings.drain_max)) {
            log::warning("connections are ended that did not finish in time");
            on_each_core(&Impl::end_visits);
            if (!admission.wait_until_empty(settings.drain_max)) {
                log::error("requests are given up that neither finish nor can be ended");
            }
        }
        join();
    }

    // Accepts no more, and ends what waits: for a handshake or for the next request.
    static void begin_drain(Core& core) {
        for (const auto& acceptor : core.acceptors) {
            boost::system::error_code ignored;
            static_cast<void>(acceptor->close(ignored));
        }
        for (const auto& visit : core.visits) {
            if (visit->handshaking) {
                visit->cancel.emit(asio::cancellation_type::terminal);
            } else if (visit->connection->idle()) {
                visit->stream->close();
            }
        }
    }

    static void end_visits(Core& core) {
        for (const auto& visit : core.visits) {
            if (visit->stream) visit->stream->close();
            visit->cancel.emit(asio::cancellation_type::terminal);
        }
    }

    void join() {
        const bool whole = !started || admission.count() == 0;
        while (detail::callbacks_under_way.load() > 0) {
            std::this_thread::yield();
        }
        for (auto& core : cores) {
            core->context.stop();
            if (core->thread.joinable()) core->thread.join();
            // Something may still call back into a context that has visits left: it must stay.
            if (!whole) static_cast<void>(core.release());
        }
    }

    template <class Work>
    void on_each_core(Work work) {
        for (const auto& core : cores) {
            asio::post(core->context, [work, &on = *core] { work(on); });
        }
    }

    ServerSettings settings;
    Sites sites;
    std::shared_ptr<TlsServer> tls;
    std::shared_ptr<const ConnectionRules> rules;
    std::shared_ptr<const ConnectionRules> rules_of_redirect;
    std::shared_ptr<StopFlag> draining = std::make_shared<StopFlag>();
    Admission admission;
    BodyBudget bodies;
    std::vector<std::uint16_t> tls_ports;
    std::vector<std::uint16_t> redirect_ports;
    bool started = false;
    bool drains = false;
    bool stopped = false;
    std::vector<std::unique_ptr<Core>> cores;
};

Server::Server(ServerSettings settings, Sites sites, std::shared_ptr<TlsServer> tls)
    : impl_(std::make_unique<Impl>(std::move(settings), std::move(sites), std::move(tls))) {}

Server::~Server() {
    try {
        impl_->stop();
    } catch (const std::exception& error) {
        log::error("the server did not stop cleanly", {{"what", error.what()}});
    }
}

void Server::start() {
    impl_->start();
}

void Server::begin_drain() {
    impl_->drain();
}

void Server::stop() {
    impl_->stop();
}

const std::vector<std::uint16_t>& Server::tls_ports() const noexcept {
    return impl_->tls_ports;
}

const std::vector<std::uint16_t>& Server::redirect_ports() const noexcept {
    return impl_->redirect_ports;
}

asio::any_io_executor Server::executor() {
    return impl_->cores.front()->context.get_executor();
}

std::size_t Server::connections() const noexcept {
    return impl_->admission.count();
}

}  // namespace sallyport::http
