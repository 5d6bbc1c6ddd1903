#include "edge/api/router.h"

#include "base/core/fault.h"
#include "base/core/log.h"
#include "base/crypto/crypto.h"
#include "base/store/faults.h"
#include "domain/audit/catalogue.h"
#include "domain/audit/log.h"
#include "domain/authn/throttle.h"
#include "edge/api/permitted_pieces.h"
#include "edge/api/responses.h"
#include "edge/gateway/leaked_token.h"
#include "edge/http/await.h"
#include "edge/http/origin_check.h"
#include "edge/http/url_token.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <utility>

namespace sallyport::api {

namespace {

namespace asio = boost::asio;

std::vector<std::string_view> segments_of(std::string_view path) {
    std::vector<std::string_view> segments;
    while (!path.empty()) {
        path.remove_prefix(1);  // the slash
        const auto end = path.find('/');
        segments.push_back(path.substr(0, end));
        path = end == std::string_view::npos ? std::string_view() : path.substr(end);
    }
    return segments;
}

bool fits(std::string_view pattern, std::string_view path, std::vector<std::string>& values) {
    const auto wanted = segments_of(pattern);
    const auto given = segments_of(path);
    if (wanted.size() != given.size()) return false;
    values.clear();
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (wanted[i].starts_with('{')) {
            if (given[i].empty()) return false;
            values.emplace_back(given[i]);
        } else if (wanted[i] != given[i]) {
            return false;
        }
    }
    return true;
}

void check_whole(const Route& route) {
    const auto entry = fmt::format("{} {}", route.method, route.path);
    if (route.access == Access::session && !route.permission) {
        throw Fault("route " + entry + " declares no permission; every route needs one");
    }
    if (static_cast<bool>(route.handler) == static_cast<bool>(route.long_handler)) {
        throw Fault("route " + entry + " needs exactly one handler");
    }
    const bool changes = route.method != "GET" || route.kind == Kind::write;
    if (route.event.empty() || (route.event == "-" && changes)) {
        throw Fault("route " + entry + " changes something but names no audit event");
    }
    if (route.event != "-" && audit::find_type(route.event) == nullptr) {
        throw Fault("route " + entry + " names an audit event that the catalogue does not have");
    }
    if (route.step_up == StepUp::yes && route.access != Access::session) {
        throw Fault("route " + entry + " asks for step-up without a session");
    }
    // decide() would ask all the same; the table says what happens.
    if (route.permission && policy::needs_step_up_always(*route.permission) &&
        route.step_up != StepUp::yes) {
        throw Fault("route " + entry + " does not say that its permission asks for step-up");
    }
}

bool same_text(std::string_view a, std::string_view b) {
    return !a.empty() && crypto::constant_time_equal(as_bytes(a), as_bytes(b));
}

audit::Actor actor_of(
    const http::Request& request,
    const session::Session* session,
    const policy::Policy& policy,
    const policy::Places& places
) {
    audit::Actor actor;
    actor.policy_version = policy.version;
    actor.where = {
        .source = request.peer,
        .channel = "web",
        .workstation = "unregistered",
        .zone = policy::segment_of(policy, request.peer).zone,
        .country = places.country_of(request.peer),
    };
    if (session == nullptr) return actor;
    actor.who = {
        .person = session->person,
        .account = session->account,
        .account_name = session->login_name,
        .role = session->role,
        .system = {},
    };
    if (session->channel == session::Channel::cli) actor.where.channel = "cli";
    actor.factor = session->factor;
    actor.session = session->id;
    return actor;
}

// Looking, and taking access away, stay possible when the clock or the log can't be trusted.
bool begins_something(const Route& route) noexcept {
    return route.kind == Kind::write && route.in_alarm == InAlarm::refused;
}

// What a script asks for by itself says so, and keeps nobody signed in. (It can only take away, so
// anybody may say it.)
bool is_background(const http::Request& request) {
    return request.headers.only("x-sallyport-background") == "1";
}

std::string incident_number() {
    crypto::SystemRandom random;
    std::array<std::byte, 6> bytes{};
    random.fill(bytes);
    return to_hex(bytes);
}

}  // namespace

std::optional<session::TokenDigest> token_digest(std::string_view text) {
    const auto token = http::parse_token(text);
    if (!token) return std::nullopt;
    return session::digest_of(token->expose());
}

std::string entry_for_log(const http::Request& request) {
    const bool told = http::token_in_target(request).has_value();
    return fmt::format("{} {}", request.method, told ? "(address withheld)" : request.path);
}

Router::Router(Services& services, std::vector<Route> routes)
    : services_(services), routes_(std::move(routes)) {
    for (auto route = routes_.begin(); route != routes_.end(); ++route) {
        check_whole(*route);
        const bool twice = std::any_of(routes_.begin(), route, [&](const Route& other) {
            return other.method == route->method && other.path == route->path;
        });
        if (twice) {
            throw Fault(fmt::format("route {} {} is given twice", route->method, route->path));
        }
    }
}

Router::Match Router::match(const http::Request& request) const {
    Match matched;
    const std::string_view method =
        request.method == "HEAD" ? std::string_view("GET") : std::string_view(request.method);
    for (const auto& route : routes_) {
        if (!fits(route.path, request.path, matched.path_values)) continue;
        if (route.method != method) {
            matched.allowed += (matched.allowed.empty() ? "" : ", ") + std::string(route.method);
            continue;
        }
        matched.route = &route;
        return matched;
    }
    return matched;
}

asio::awaitable<http::Response> Router::handle(http::Request request) {
    std::string what;
    int status = 500;
    bool nothing_done = false;
    const auto reader = wants_page(request) ? std::optional(language_of(request)) : std::nullopt;
    const auto entry = entry_for_log(request);
    try {
        co_return co_await answer_for(std::move(request));
    } catch (const store::Overloaded& overloaded) {
        status = 503;
        what = overloaded.what();
        nothing_done = true;
    } catch (const store::StorageFull& full) {
        status = 503;
        what = full.what();
        nothing_done = true;
    } catch (const http::Overloaded& overloaded) {
        status = 503;  // of a step; those before it may have been done, and are known
        what = overloaded.what();
    } catch (const store::StorageFailed& failed) {
        status = 503;
        what = failed.what();
        doubt_what_is_known();
    } catch (const std::exception& fault) {
        what = fault.what();
        doubt_what_is_known();
    }
    const auto incident = incident_number();
    log::error("request failed", {{"incident", incident}, {"request", entry}, {"fault", what}});
    co_return failure_response(reader, status, nothing_done, incident);
}

// A commit may have been done although its answer was lost: then sessions ended and grants were
// revoked, and apply() never heard of it. So memory is forgotten and every lease decided anew.
void Router::doubt_what_is_known() {
    services_.sessions.clear();
    services_.leases.doubt_all();
}

asio::awaitable<http::Response> Router::answer_for(http::Request request) {
    if (auto found = http::token_in_target(request)) {
        co_return co_await refuse_token_in_target(std::move(request), *std::move(found));
    }

    auto matched = match(request);
    auto caller = co_await find_caller(request);
    const auto* const session = caller && caller->session ? &*caller->session : nullptr;
    if (matched.route == nullptr) {
        const bool other_method = !matched.allowed.empty();
        const Refusal unknown{
            other_method ? Refusal::invalid : Refusal::not_found,
            other_method ? "http.method_not_allowed" : "http.no_such_route",
            {}
        };
        auto response = refusal_response(request, unknown, session);
        if (other_method) response.headers.set("Allow", matched.allowed);
        co_return response;
    }
    const Route& route = *matched.route;
    if (route.access == Access::session && !caller) {
        co_return refusal_response(request, caller.error(), nullptr);
    }
    auto input = Input::take_from(request);
    if (!input) co_return refusal_response(request, input.error(), session);

    const bool sent_form = changes_state(request) && !input->is_json();
    http::Request for_answer;  // what the answer's shape depends on; the body is gone already
    for_answer.method = request.method;
    for_answer.target = request.target;
    for_answer.path = request.path;
    for_answer.headers = request.headers;

    auto known = caller ? *std::move(caller) : Caller{};
    auto shown_session = known.session;
    auto reply = co_await run(
        route, std::move(request), *std::move(input), std::move(matched), std::move(known)
    );
    if (!reply) {
        co_return refusal_response(
            for_answer, reply.error(), shown_session ? &*shown_session : nullptr
        );
    }
    apply(reply->after);
    if (reply->pieces && route.access == Access::session) {
        reply->pieces = permitted_pieces(
            services_, shown_session->id, *route.permission, std::move(reply->pieces)
        );
    }
    co_return response_from(for_answer, sent_form, *std::move(reply));
}

asio::awaitable<Result<Router::Caller>> Router::find_caller(const http::Request& request) {
    Caller caller;
    std::optional<session::TokenDigest> digest;
    if (const auto bearer = request.headers.only("authorization");
        bearer && bearer->starts_with("Bearer ")) {
        digest = token_digest(bearer->substr(std::string_view("Bearer ").size()));
    } else if (const auto from_cookie = http::cookie(request, session_cookie)) {
        digest = token_digest(*from_cookie);
        caller.by_cookie = true;
    }
    if (!digest) co_return refuse(Refusal::unauthenticated, "session.missing");
    caller.digest = *digest;

    const auto moment = services_.moments.now();
    if (const auto cached = services_.sessions.alive(*digest, moment.now)) {
        caller.session = *cached;
    } else {
        SP_CO_TRY(caller.session, co_await resume(*digest, moment));
    }
    const auto channel = caller.by_cookie ? session::Channel::web : session::Channel::cli;
    if (caller.session->channel != channel) {
        co_return refuse(Refusal::unauthenticated, "session.wrong_channel");
    }
    co_return caller;
}

// Not in memory, or not alive by what memory knows: the store decides, and ends what has run out.
asio::awaitable<Result<session::Session>> Router::resume(
    session::TokenDigest digest, Moment moment
) {
    const auto mark = services_.sessions.mark();
    // A read first, so that tokens somebody invents cost the one writer nothing.
    auto look = [digest](store::Tx& tx) { return session::find(tx, digest); };
    auto there = co_await http::read(services_.database, std::move(look));
    if (!there) co_return refuse(Refusal::unauthenticated, "session.unknown");
    if (session::check_alive(*there, moment.now)) {
        services_.sessions.put(digest, *there, mark);
        co_return *std::move(there);
    }
    auto look_up = [digest, moment](store::Tx& tx) { return session::resume(tx, moment, digest); };
    auto found = co_await http::write(services_.database, std::move(look_up));
    if (found) {
        services_.sessions.put(digest, *found, mark);
    } else {
        // Its limit ended the whole sign-in, whatever of it is in memory.
        services_.sessions.drop(there->root());
        services_.leases.cut_session(there->root(), policy::CutCause::session_ended);
    }
    co_return found;
}

// That a change was sent by one of our own pages, or by a program.
Result<void> Router::check_sender(
    const Route& route, const http::Request& request, const Input& input, const Caller& caller
) const {
    if (!changes_state(request)) return {};
    // A cross-site page can't send JSON without asking first (CORS), so JSON without an Origin is a
    // program's, as a bearer's is.
    const auto credential = input.is_json() ? http::Credential::bearer : http::Credential::cookie;
    SP_CHECK(http::check_origin(request, services_.site.origin(), credential));

    std::string given = input.text("csrf");
    std::string expected;
    if (caller.by_cookie && caller.session && route.access == Access::session) {
        if (given.empty()) given = request.headers.only("x-sallyport-csrf").value_or("");
        expected = caller.session->csrf_key;
    } else if (!input.is_json() && route.access == Access::open) {
        expected = http::cookie(request, form_cookie).value_or("");
    } else {
        return {};
    }
    if (!same_text(given, expected)) return refuse(Refusal::denied, "csrf.token");
    return {};
}

asio::awaitable<Result<Reply>> Router::run(
    const Route& route, http::Request request, Input input, Match matched, Caller caller
) {
    const auto* const session = caller.session ? &*caller.session : nullptr;
    if (auto sent = check_sender(route, request, input, caller); !sent) {
        co_return std::unexpected(std::move(sent).error());
    }
    if (services_.read_only.load() && begins_something(route)) {
        co_return refuse(Refusal::denied, "audit.read_only");
    }
    const auto policy = services_.policy.get();
    const auto moment = services_.moments.now();
    const bool by_person = route.activity == Activity::person && !is_background(request);
    auto actor = actor_of(request, session, *policy, services_.places);
    if (session != nullptr && actor.factor) {
        actor.factor->age = moment.now - session->last_proof_at;
    }
    std::optional<policy::Permit> permit;
    if (route.access == Access::session) {
        const auto subject = session->subject();
        const policy::Question question{
            .subject = subject,
            .action = *route.permission,
            .needs_step_up = route.step_up == StepUp::yes,
            .recovery_code_counts = route.recovery_code_counts,
            .device = std::nullopt,
            .about = std::nullopt,
            .grant = std::nullopt,
            .clock_trustworthy = moment.clock != ClockState::behind || !begins_something(route),
        };
        auto decided = policy::decide(*policy, question, moment.now);
        if (!decided) {
            co_await note_refusal(route, actor, decided.error());
            co_return std::unexpected(decided.error());
        }
        permit.emplace(*std::move(decided));
        if (by_person) services_.sessions.touch(caller.digest, moment.now);
        // The exact one, with what was just done: memory's own copy may lag.
        if (const auto exact = services_.sessions.find(caller.digest)) {
            caller.session->last_active_at = exact->last_active_at;
        }
    }

    if (route.long_handler) {
        LongCall call{
            std::move(request),
            std::move(input),
            std::move(matched.path_values),
            std::move(caller.session),
            std::move(actor)
        };
        co_return co_await route.long_handler(std::move(call));
    }

    const Call call{
        request,
        input,
        matched.path_values,
        moment,
        *policy,
        session,
        permit ? &*permit : nullptr,
        std::move(actor)
    };
    auto work = [&route, &call](store::Tx& tx) -> Result<Reply> {
        // The session may have been ended since it was looked up; the row knows.
        if (call.session != nullptr && !session::find(tx, call.session->id)) {
            return refuse(Refusal::unauthenticated, "session.ended");
        }
        return route.handler(tx, call);
    };
    if (route.kind == Kind::write) {
        co_return co_await http::write(services_.database, std::move(work));
    }
    co_return co_await http::read(services_.database, std::move(work));
}

asio::awaitable<void> Router::note_refusal(const Route& route, audit::Actor actor, Refusal why) {
    const bool step_up = why.kind == Refusal::step_up;
    auto event = audit::event_by(
        actor,
        step_up ? "stepup.required" : "authz.denied",
        std::string(policy::to_text(*route.permission)),
        fmt::format("route:{} {}", route.method, route.path)
    );
    event.outcome = audit::Outcome::refused;
    event.reason = why.reason;
    const auto moment = services_.moments.now();
    auto note = [event, moment](store::Tx& tx) { audit::append(tx, moment, event); };
    co_await http::write(services_.database, std::move(note));
}

asio::awaitable<http::Response> Router::refuse_token_in_target(
    http::Request request, http::UrlToken found
) {
    auto actor = actor_of(request, nullptr, *services_.policy.get(), services_.places);
    actor.who.system = "router";
    const gateway::LeakServices leak{
        services_.database,
        services_.sessions,
        services_.leases,
        services_.moments,
        services_.repeats
    };
    co_await gateway::end_leaked_session(leak, std::move(found.token), std::move(actor));
    const Refusal refusal{Refusal::invalid, "http.token_in_url", {}};
    co_return refusal_response(request, refusal, nullptr);
}

void Router::apply(const AfterCommit& after) {
    for (const auto& [session, cause] : after.ended_sessions) {
        services_.sessions.drop(session);
        services_.leases.cut_session(session, cause);
    }
    for (const auto& session : after.rotated_sessions) {
        services_.sessions.drop(session);
    }
    for (const auto& [account, cause] : after.ended_accounts) {
        services_.sessions.drop_account(account);
        services_.leases.cut_account(account, cause);
    }
    for (const auto& [grant, cause] : after.ended_grants) {
        services_.leases.cut_grant(grant, cause);
    }
    for (const auto& [device, cause] : after.ended_devices) {
        services_.leases.cut_device(device, cause);
    }
    // Leases that an older version allowed are decided anew by the gateway's next tick.
    if (after.policy) services_.policy.set(after.policy);
    for (const auto& connection : after.ended_connections) {
        services_.leases.cut_connection(connection, policy::CutCause::ended_by_watcher);
    }
}

}  // namespace sallyport::api
