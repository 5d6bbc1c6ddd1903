#include "edge/gateway/http/http_gateway.h"

#include "base/core/log.h"
#include "base/store/faults.h"
#include "domain/directory/path_rules.h"
#include "edge/gateway/http/command_log.h"
#include "edge/gateway/http/device_reader.h"
#include "edge/gateway/http/exchange.h"
#include "edge/gateway/http/lane.h"
#include "edge/gateway/http/refusal_page.h"
#include "edge/gateway/http/request_rewrite.h"
#include "edge/gateway/http/session_door.h"
#include "edge/gateway/http/under_way.h"
#include "edge/gateway/http/visit_opening.h"
#include "edge/gateway/http/visits.h"
#include "edge/gateway/leaked_token.h"
#include "edge/gateway/lease_review.h"
#include "edge/http/url_token.h"

#include <boost/system/system_error.hpp>

#include <algorithm>
#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace sallyport::gateway {

namespace asio = boost::asio;

namespace {

// What a fault means to the person, where it means more than an incident. None: the person's own
// connection failed, and there is nobody to tell.
std::optional<Refusal> refusal_of(const std::exception_ptr& fault) {
    try {
        std::rethrow_exception(fault);
    } catch (const recording::RecorderOverloaded&) {
        return Refusal{Refusal::denied, "recorder.overloaded", {}};
    } catch (const recording::RecorderFailed& failed) {
        return Refusal{Refusal::denied, "recorder.poisoned", failed.what()};
    } catch (const store::Overloaded& busy) {
        return Refusal{Refusal::denied, "store.busy", busy.what()};
    } catch (const store::StorageFull& full) {
        return Refusal{Refusal::denied, "store.full", full.what()};
    } catch (const store::StorageFailed& failed) {
        return Refusal{Refusal::denied, "store.failed", failed.what()};
    } catch (const boost::system::system_error&) {
        return std::nullopt;
    } catch (const std::exception& failed) {
        return Refusal{Refusal::denied, "gateway.fault", failed.what()};
    }
}

}  // namespace

struct HttpGateway::Impl {
    Impl(const Services& given, const GatewayLimits& bounds, const ProtocolEntry& declared)
        : services(given),
          limits(bounds),
          entry(declared),
          visits(limits.visits_max),
          commands(services.database, services.moments),
          review(services.database, services.policy, services.leases, services.moments),
          door(services),
          opening(services, limits, entry, visits) {}

    [[nodiscard]] asio::awaitable<void> serve(
        std::shared_ptr<http::Connection> person, http::RequestHead head, http::Request request
    );

    // The lane lives as long as the person's connection asks for the same visit.
    struct Caller {
        std::shared_ptr<http::Connection> person;
        std::shared_ptr<Lane> lane;
    };

    [[nodiscard]] asio::awaitable<bool> answer_one(
        Caller& caller, const http::RequestHead& head, const http::Request& request
    );
    [[nodiscard]] asio::awaitable<bool> answer_checked(
        Caller& caller, const http::RequestHead& head, const http::Request& request
    );
    [[nodiscard]] asio::awaitable<void> end_leaked(const http::Request& request, std::string token)
        const;
    [[nodiscard]] asio::awaitable<Result<Known>> who_asks(
        const Caller& caller, const http::Request& request
    );
    [[nodiscard]] static bool is_in_lane(const Caller& caller, const Known& known);
    [[nodiscard]] http::Response refused(const http::Request& request, const Refusal& refusal)
        const;
    [[nodiscard]] asio::awaitable<Result<void>> enter_lane(
        Caller& caller, const Known& known, const http::Request& request
    );
    [[nodiscard]] Result<void> decide(
        const Visit& visit,
        const Known& known,
        const http::RequestHead& head,
        const http::Request& request
    ) const;
    [[nodiscard]] PageContext context_of(const http::Request& request) const;
    void check_sessions(const std::vector<std::shared_ptr<Visit>>& open);

    const Services services;
    const GatewayLimits limits;
    const ProtocolEntry entry;
    UnderWay under_way;
    Visits visits;
    CommandLog commands;
    LeaseReview review;
    SessionDoor door;
    VisitOpening opening;
};

asio::awaitable<void> HttpGateway::Impl::serve(
    std::shared_ptr<http::Connection> person, http::RequestHead head, http::Request request
) {
    Caller caller{person, nullptr};
    const std::string host = request.host;
    while (co_await answer_one(caller, head, request)) {
        if (caller.lane) caller.lane->set_phase(Lane::Phase::idle);
        auto next = co_await person->next_head();
        if (!next) {
            co_await person->refuse_and_close(http::status_of(next.error()));
            co_return;
        }
        if (!*next) break;
        auto parsed = http::request_from(**next, *person);
        if (!parsed) {
            co_await person->refuse_and_close(http::status_of(parsed.error()));
            co_return;
        }
        if (parsed->host != host) {
            constexpr int misdirected = 421;
            co_await person->refuse_and_close(misdirected);
            co_return;
        }
        head = **std::move(next);
        request = *std::move(parsed);
    }
    caller.lane.reset();
    co_await person->close_gently();
}

// Faults end here: with a page if nothing was said yet, with the connection in any case.
asio::awaitable<bool> HttpGateway::Impl::answer_one(
    Caller& caller, const http::RequestHead& head, const http::Request& request
) {
    std::exception_ptr fault;
    bool go_on = false;
    try {
        go_on = co_await answer_checked(caller, head, request);
    } catch (...) {
        fault = std::current_exception();
    }
    if (!fault) co_return go_on;

    const auto refusal = refusal_of(fault);
    if (!refusal) co_return false;
    const auto moment = services.moments.now();
    const auto incident = ConnectionId::fresh(moment.now, moment.random).text();
    log::error(
        "a request to a device failed",
        {{"incident", incident},
         {"host", request.host},
         {"why", refusal->detail},
         {"reason", std::string(refusal->reason)}}
    );
    const bool told = caller.lane && caller.lane->phase() == Lane::Phase::answering;
    if (told) co_return false;
    auto page = refusal->reason == "gateway.fault"
                    ? incident_answer(request, incident, context_of(request))
                    : refused(request, *refusal);
    (void)co_await caller.person->answer(std::move(page));
    co_return false;
}

asio::awaitable<bool> HttpGateway::Impl::answer_checked(
    Caller& caller, const http::RequestHead& head, const http::Request& request
) {
    auto& person = *caller.person;
    if (request.path == http::handoff_return_path && request.method == "GET") {
        auto answer = co_await door.redeem(request);
        co_return co_await person.answer(std::move(answer));
    }
    if (auto leaked = http::own_token_in_target(request)) {
        co_await end_leaked(request, std::move(leaked->token));
        auto answer = refused(request, {Refusal::invalid, "http.token_in_url", {}});
        co_return co_await person.answer(std::move(answer));
    }
    const auto known = co_await who_asks(caller, request);
    if (!known) {
        caller.lane.reset();
        auto answer = door.ask(request, known.error());
        co_return co_await person.answer(std::move(answer));
    }
    Result<void> allowed = guard_request(request, services.site.origin(request.host));
    if (allowed && is_led_here_from_elsewhere(request)) {
        auto answer = front_page_answer(context_of(request));
        co_return co_await person.answer(std::move(answer));
    }
    if (allowed) allowed = co_await enter_lane(caller, *known, request);
    if (!allowed) {
        auto answer = allowed.error().reason == "handoff.due" ? door.ask(request, allowed.error())
                                                              : refused(request, allowed.error());
        co_return co_await person.answer(std::move(answer));
    }

    auto& visit = *caller.lane->visit();
    visit.touch(services.clock.monotonic());
    Exchange exchange(services, limits, commands, *caller.lane, head, request);
    allowed = decide(visit, *known, head, request);
    if (!allowed) {
        exchange.record_refusal(allowed.error());
        co_await opening.audit_refused_request(visit, *known, request, allowed.error());
    } else {
        const UnderWay::Mark running(under_way);
        auto outcome = co_await exchange.run();
        if (outcome) co_return *outcome;
        allowed = std::unexpected(std::move(outcome).error());
        if (is_device_check(allowed.error())) {
            // Whoever answers at the address, it is not what the grant is for.
            if (allowed.error().reason == "device.identity_mismatch") visit.end("wrong_device");
            co_await opening.audit_refused_request(visit, *known, request, allowed.error());
        }
    }
    auto answer = refused(request, allowed.error());
    const bool go_on = co_await person.answer(std::move(answer));
    co_return go_on && !visit.ended();
}

asio::awaitable<void> HttpGateway::Impl::end_leaked(const http::Request& request, std::string token)
    const {
    audit::Actor finder;
    finder.who.system = "gateway";
    finder.where = where_from(request, *services.policy.get());
    const LeakServices leak{
        services.database, services.sessions, services.leases, services.moments, services.repeats
    };
    co_await end_leaked_session(leak, std::move(token), std::move(finder));
}

// The session; and before a visit begins, that its person has accepted the recording notice in
// force. The sign-in host sees to that before it hands a session on.
asio::awaitable<Result<Known>> HttpGateway::Impl::who_asks(
    const Caller& caller, const http::Request& request
) {
    auto known = co_await door.known(request);
    if (!known || is_in_lane(caller, *known)) co_return known;
    const bool accepted = co_await door.notice_accepted(*known->session);
    if (!accepted) co_return refuse(Refusal::unauthenticated, "notice.not_accepted");
    co_return known;
}

bool HttpGateway::Impl::is_in_lane(const Caller& caller, const Known& known) {
    const auto& lane = caller.lane;
    return lane && !lane->visit()->ended() && lane->visit()->facts().session == known.session->id;
}

http::Response HttpGateway::Impl::refused(const http::Request& request, const Refusal& refusal)
    const {
    auto answer = refusal_answer(request, refusal, context_of(request));
    const bool over = refusal.reason.starts_with("visit.") || refusal.reason.starts_with("grant.");
    if (over) forget_device(request, answer);
    return answer;
}

asio::awaitable<Result<void>> HttpGateway::Impl::enter_lane(
    Caller& caller, const Known& known, const http::Request& request
) {
    const auto& lane = caller.lane;
    const bool same =
        lane && !lane->visit()->ended() && lane->visit()->facts().session == known.session->id;
    if (same) co_return Result<void>();
    caller.lane.reset();
    SP_CO_TRY(auto visit, co_await opening.visit_of(known, request));
    if (visit->describe().sockets >= limits.sockets_per_visit_max) {
        co_return refuse(Refusal::denied, "gateway.sockets_full");
    }
    caller.lane = Lane::enter(std::move(visit), caller.person, limits.cut_grace);
    if (!caller.lane) co_return refuse(Refusal::denied, "visit.ended");
    co_return Result<void>();
}

// For every request: the role, the grant, the clock, and what the device's profile says of it.
Result<void> HttpGateway::Impl::decide(
    const Visit& visit,
    const Known& known,
    const http::RequestHead& head,
    const http::Request& request
) const {
    const auto& facts = visit.facts();
    const auto policy = services.policy.get();
    const auto moment = services.moments.now();
    // By whichever clock says it is later: one that steps back neither ends a visit nor prolongs
    // it. (The session's own end moves with the clock, see session::set_back.)
    const Time by_visit = facts.opened_at + (moment.monotonic - facts.opened_monotonic);
    const Time now = std::max(moment.now, by_visit);
    auto subject = known.session->subject();
    subject.ends_at += now - moment.now;
    const policy::Question question{
        .subject = subject,
        .action = entry.permission.value(),
        .needs_step_up = entry.step_up == EntryStepUp::yes,
        .device = facts.device.id,
        .about = std::nullopt,
        .grant = facts.grant.facts(),
        .visit_since = facts.opened_at,
        // A visit that was let in goes on when the clock steps back; it ends by monotonic time.
        .clock_trustworthy = true,
    };
    SP_TRY(const auto permit, policy::decide(*policy, question, now));
    (void)permit;
    if (request.path.starts_with(http::handoff_prefix)) {
        return refuse(Refusal::not_found, "gateway.reserved");
    }
    SP_TRY(const auto path, directory::normal_path(request.target));
    SP_CHECK(
        directory::check_path(facts.device.profile, request.method, path, facts.grant.capabilities)
    );
    if (head.upgrade && !facts.device.profile.upgrade_allowed) {
        return refuse(Refusal::denied, "gateway.upgrade_not_allowed");
    }
    return {};
}

PageContext HttpGateway::Impl::context_of(const http::Request& request) const {
    return {
        std::string(device_label(services.site, request.host)),
        services.site.origin(services.site.sign_in_host),
    };
}

// Sessions that memory no longer has: asked of the store, without waiting for it.
void HttpGateway::Impl::check_sessions(const std::vector<std::shared_ptr<Visit>>& open) {
    const Time now = services.clock.now();
    std::vector<std::shared_ptr<Visit>> unknown;
    for (const auto& visit : open) {
        if (!services.sessions.alive(visit->facts().session_digest, now)) unknown.push_back(visit);
    }
    if (unknown.empty()) return;
    auto look = [unknown, now](store::Tx& tx) {
        for (const auto& visit : unknown) {
            const auto session = session::find(tx, visit->facts().session_digest);
            if (session && session::check_alive(*session, now)) continue;
            visit->end(policy::to_text(policy::CutCause::session_ended));
        }
    };
    // Who can't be found because the store failed, or is too busy to answer, is not let go on.
    auto done = [unknown](const std::exception_ptr& failed) {
        if (!failed) return;
        for (const auto& visit : unknown) {
            visit->end(policy::to_text(policy::CutCause::session_ended));
        }
    };
    services.database.submit_read(std::move(look), std::move(done));
}

HttpGateway::HttpGateway(
    const Services& services, const GatewayLimits& limits, const ProtocolEntry& entry
) {
    check_whole(entry);
    impl_ = std::make_shared<Impl>(services, limits, entry);
}

HttpGateway::~HttpGateway() = default;

http::ConnectionHandler HttpGateway::handler() {
    return
        [impl = impl_](
            std::shared_ptr<http::Connection> person, http::RequestHead head, http::Request request
        ) { return impl->serve(std::move(person), std::move(head), std::move(request)); };
}

bool HttpGateway::is_device_host(std::string_view host) const {
    return !device_label(impl_->services.site, host).empty();
}

std::vector<OpenVisit> HttpGateway::list() const {
    std::vector<OpenVisit> open;
    for (const auto& visit : impl_->visits.all()) {
        if (!visit->ended()) open.push_back(visit->describe());
    }
    return open;
}

void HttpGateway::tick() {
    auto& services = impl_->services;
    const auto monotonic = services.clock.monotonic();
    services.leases.cut_ended(services.clock.now(), monotonic);
    impl_->review.step();
    const auto open = impl_->visits.all();
    const bool unrecordable = services.recorder.poisoned() || services.recorder.on_reserve() ||
                              !services.database.healthy() || services.alarm.load();
    const auto idle_max = services.policy.get()->visit_idle;
    for (const auto& visit : open) {
        if (unrecordable) {
            visit->end(policy::to_text(policy::CutCause::recorder_failed));
        } else if (monotonic - visit->last_active() >= idle_max) {
            visit->end("idle");
        }
    }
    impl_->check_sessions(open);
    impl_->commands.write();
}

bool HttpGateway::stop(std::chrono::milliseconds time_max) {
    impl_->visits.stop_adding();
    const auto finish_max = std::min(impl_->limits.finish_max, time_max / 2);
    if (!impl_->under_way.wait_until_none(finish_max)) {
        log::warning("exchanges with devices are cut that did not finish in time");
    }
    for (const auto& visit : impl_->visits.all()) {
        visit->end(policy::to_text(policy::CutCause::shutdown));
    }
    const bool closed = impl_->visits.wait_until_empty(time_max);
    const bool written = impl_->commands.write_all();
    return closed && written;
}

}  // namespace sallyport::gateway
