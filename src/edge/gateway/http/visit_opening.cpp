#include "edge/gateway/http/visit_opening.h"

#include "base/core/log.h"
#include "base/store/faults.h"
#include "domain/audit/log.h"
#include "domain/policy/policy_store.h"
#include "domain/recording/connections.h"
#include "domain/session/handoff.h"
#include "edge/gateway/http/visit_frames.h"
#include "edge/gateway/http/visit_recording.h"
#include "edge/http/await.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace sallyport::gateway {

namespace asio = boost::asio;

namespace {

constexpr std::size_t refusals_remembered_max = 4096;

// The grant to decide upon: the open one, or else the one whose state says best why there is none.
std::optional<governance::Grant> grant_for(
    store::Tx& tx, const AccountId& account, const DeviceId& device, Time now
) {
    if (auto open = governance::open_grant(tx, account, device, now)) return open;
    return governance::latest_grant(tx, account, device);
}

// A session on a device's host opens one visit, right after the browser signed for it. Its cookie,
// copied later, can join that visit while it lasts, and opens none.
Result<void> check_just_handed_over(store::Tx& tx, const session::Session& session, Time now) {
    const auto age = now - session.created_at;
    const bool just_now = age >= Duration(0) && age < session::host_session_opens_for;
    const bool first =
        just_now &&
        !recording::has_opened_visit(tx, session.account, session.id, session.created_at);
    if (!first) return refuse(Refusal::unauthenticated, "handoff.due");
    return {};
}

// Why a visit that was just let in may not begin after all, if so.
std::optional<policy::CutCause> over_meanwhile(store::Tx& tx, const VisitFacts& facts) {
    using policy::CutCause;
    if (!session::find(tx, facts.session_digest)) return CutCause::session_ended;
    const auto grant = governance::find_grant(tx, facts.grant.id);
    if (!grant || grant->state != governance::GrantState::approved) return CutCause::grant_revoked;
    const auto device = directory::find_device(tx, facts.device.id);
    if (!device || device->state == directory::DeviceState::retired) {
        return CutCause::device_retired;
    }
    const bool same =
        device->address == facts.device.address && device->port == facts.device.port &&
        directory::to_json(device->profile) == directory::to_json(facts.device.profile);
    return same ? std::nullopt : std::optional(CutCause::policy_changed);
}

audit::Actor gateway_actor() {
    audit::Actor actor;
    actor.who.system = "gateway";
    actor.where = {"local", "system", "unregistered", "unzoned"};
    return actor;
}

}  // namespace

struct VisitOpening::Admission {
    directory::Device device;
    governance::Grant grant;
    policy::Permit permit;
};

std::string_view device_label(const GatewaySite& site, std::string_view host) noexcept {
    const auto& suffix = site.device_suffix;
    const bool below = host.size() > suffix.size() + 1 && host.ends_with(suffix) &&
                       host[host.size() - suffix.size() - 1] == '.';
    if (!below) return {};
    const auto label = host.substr(0, host.size() - suffix.size() - 1);
    return label.contains('.') ? std::string_view() : label;
}

asio::awaitable<Result<std::shared_ptr<Visit>>> VisitOpening::visit_of(
    const Known& known, const http::Request& request
) {
    const VisitKey key{known.session->id, request.host};
    for (;;) {
        if (auto visit = visits_.find(key)) co_return visit;
        if (visits_.begin_opening(key)) break;
        auto start = [&](auto done) { visits_.wait(key, std::move(done)); };
        auto opened = co_await http::await_callback<Visits::Opened>(std::move(start));
        if (!opened || *opened) co_return opened;
    }
    // A browser's other requests wait for this one, whatever comes of it.
    std::exception_ptr fault;
    Visits::Opened opened = std::shared_ptr<Visit>();
    try {
        opened = co_await open(known, request);
    } catch (...) {
        fault = std::current_exception();
    }
    visits_.finish_opening(key, fault, opened);
    if (fault) std::rethrow_exception(fault);
    co_return opened;
}

asio::awaitable<Result<std::shared_ptr<Visit>>> VisitOpening::open(
    const Known& known, const http::Request& request
) {
    auto opened = co_await open_admitted(known, request);
    const bool denied = !opened && opened.error().reason != "handoff.due";
    if (denied) co_await audit_denied(known, request, opened.error());
    co_return opened;
}

Result<VisitOpening::Admission> VisitOpening::admit(
    store::Tx& tx,
    const policy::Policy& policy,
    const session::Session& session,
    std::string_view host,
    const Moment& moment
) const {
    const auto name = directory::DeviceName::parse(device_label(services_.site, host));
    auto device = name ? directory::find_device(tx, *name) : std::nullopt;
    if (!device) return refuse(Refusal::not_found, "device.unknown");
    if (device->state == directory::DeviceState::retired) {
        return refuse(Refusal::denied, "device.retired");
    }
    auto grant = grant_for(tx, session.account, device->id, moment.now);
    const auto subject = session.subject();
    policy::Question question{
        .subject = subject,
        .action = entry_.permission.value(),
        .needs_step_up = entry_.step_up == EntryStepUp::yes,
        .device = device->id,
        .about = std::nullopt,
        .grant = std::nullopt,
    };
    question.clock_trustworthy = moment.clock != ClockState::behind;
    if (grant) question.grant = grant->facts();
    SP_TRY(auto permit, policy::decide(policy, question, moment.now));
    return Admission{*std::move(device), *std::move(grant), std::move(permit)};
}

asio::awaitable<Result<std::shared_ptr<Visit>>> VisitOpening::open_admitted(
    const Known& known, const http::Request& request
) {
    const auto policy = services_.policy.get();
    const auto moment = services_.moments.now();
    const auto& session = *known.session;
    // First a look, which costs no write: most refusals end here.
    Result<void> handed_over;
    auto look = [&](store::Tx& tx) -> Result<Admission> {
        SP_TRY(auto admitted, admit(tx, *policy, session, request.host, moment));
        handed_over = check_just_handed_over(tx, session, moment.now);
        if (!services_.vault.find(tx, admitted.device.id)) {
            return refuse(Refusal::not_found, "vault.no_secret");
        }
        return admitted;
    };
    SP_CO_TRY(const auto admission, co_await http::read(services_.database, std::move(look)));
    if (services_.alarm.load()) co_return refuse(Refusal::denied, "audit.read_only");
    if (!services_.database.healthy()) co_return refuse(Refusal::denied, "store.failed");
    if (auto healthy = services_.recorder.admit(); !healthy) {
        co_return std::unexpected(std::move(healthy).error());
    }
    // Last, so that nobody is handed over again for what would be refused all the same.
    if (!handed_over) co_return std::unexpected(std::move(handed_over).error());
    const auto id = ConnectionId::fresh(moment.now, moment.random);
    const recording::RecordingInfo info{
        id,
        std::string(entry_.protocol),
        session.person.text(),
        session.login_name,
        admission.device.name.text(),
        admission.grant.id.text(),
        moment.now,
    };
    SP_CO_TRY(auto recording, services_.recorder.open(info));

    struct Let {
        Admission admission;
        vault::LentCredential credential;
        audit::Actor actor;
    };

    // Decided anew where it is written down: what revokes a grant or changes the policy can't come
    // between. (A policy just applied is in the store before it is in memory.)
    auto let_in = [&](store::Tx& tx) -> Result<Let> {
        const bool same = policy::policy_version_in_force(tx) == policy->version;
        const auto in_force = same ? policy : policy::policy_in_force(tx);
        SP_TRY(auto now_admitted, admit(tx, *in_force, session, request.host, moment));
        SP_CHECK(check_just_handed_over(tx, session, moment.now));
        const auto& permit = now_admitted.permit;
        auto actor = actor_of(session, request, *in_force, moment.now);
        SP_TRY(auto credential, services_.vault.lend(tx, moment, permit, id, actor));
        const recording::NewConnection wanted{
            id, now_admitted.device.name.text(), std::string(entry_.protocol)
        };
        const auto opened = recording::open_connection(tx, moment, permit, wanted, actor);
        if (!opened) return std::unexpected(opened.error());
        recording::record_started(tx, moment, id, actor);
        return Let{std::move(now_admitted), std::move(credential), std::move(actor)};
    };
    SP_CO_TRY(auto let, co_await http::write(services_.database, std::move(let_in)));

    VisitFacts facts{
        id,
        known.digest,
        session.id,
        session.account,
        session.login_name,
        std::move(let.actor),
        request.host,
        std::move(let.admission.device),
        std::move(let.admission.grant),
        moment.now,
        moment.monotonic,
    };
    const HostMap hosts(request.host, services_.site.public_port, facts.device);
    auto visit = std::make_shared<Visit>(
        std::move(facts), hosts, std::move(recording), std::move(let.credential)
    );
    auto taken_up = co_await take_up(visit, let.admission.permit);
    if (!taken_up) co_return std::unexpected(std::move(taken_up).error());
    co_return visit;
}

// The visit is in the audit log; from here on it ends by close_visit, whatever happens.
asio::awaitable<Result<void>> VisitOpening::take_up(
    std::shared_ptr<Visit> visit, const policy::Permit& permit
) {
    const auto& facts = visit->facts();
    const auto executor = co_await asio::this_coro::executor;
    auto added = visits_.add({facts.session, facts.host}, visit);
    if (!added) {
        visit->end(added.error().reason);
        co_await close_visit(services_, limits_, visits_, visit);
        co_return added;
    }
    visit->on_last([this, executor, weak = std::weak_ptr(visit)] {
        if (auto last = weak.lock()) {
            asio::co_spawn(
                executor, close_visit(services_, limits_, visits_, std::move(last)), asio::detached
            );
        }
    });
    visit->hold(services_.leases
                    .hold(permit, facts.id, [weak = std::weak_ptr(visit)](policy::CutCause cause) {
                        if (const auto cut = weak.lock()) cut->end(policy::to_text(cause));
                    }));
    // What ended between the decision and the lease cut nothing: look once more. (A policy that was
    // applied in between is asked with every request, and has the lease decided anew.)
    auto look = [&](store::Tx& tx) { return over_meanwhile(tx, facts); };
    std::exception_ptr fault;
    try {
        const auto over = co_await http::read(services_.database, std::move(look));
        if (over) visit->end(policy::to_text(*over));
        auto note = note_frame(
            "visit.opened", {{"device", facts.device.name.text()}, {"host", facts.host}}
        );
        VisitFrame opened{recording::FrameKind::note, std::move(note), 0, 0};
        co_await record(*visit, std::move(opened), services_.clock.now());
    } catch (...) {
        fault = std::current_exception();
    }
    // A visit that was cut is being sealed: that its recording takes no more is no fault of its
    // own.
    if (fault && !visit->ended()) {
        visit->end(policy::to_text(policy::CutCause::recorder_failed));
        std::rethrow_exception(fault);
    }
    if (visit->ended()) co_return refuse(Refusal::denied, "visit.ended", visit->cause());
    co_return Result<void>();
}

asio::awaitable<void> VisitOpening::audit_denied(
    const Known& known, const http::Request& request, const Refusal& refusal
) {
    const std::string label(device_label(services_.site, request.host));
    if (is_repeated(known.session->id, label + ' ' + std::string(refusal.reason))) co_return;
    const auto moment = services_.moments.now();
    const auto policy = services_.policy.get();
    auto event = audit::event_by(
        actor_of(*known.session, request, *policy, moment.now),
        entry_.refused_event,
        "connect",
        "device:" + label
    );
    event.outcome = audit::Outcome::refused;
    event.reason = refusal.reason;
    auto work = [&](store::Tx& tx) { audit::append(tx, moment, event); };
    co_await http::write(services_.database, std::move(work));
}

asio::awaitable<void> VisitOpening::audit_refused_request(
    const Visit& visit, const Known& known, const http::Request& request, const Refusal& refusal
) {
    const auto what = request.method + ' ' + request.path + ' ' + std::string(refusal.reason);
    if (is_repeated(known.session->id, what)) co_return;
    const auto moment = services_.moments.now();
    const auto policy = services_.policy.get();
    auto event = audit::event_by(
        actor_of(*known.session, request, *policy, moment.now),
        "pam.request_refused",
        "request",
        "device:" + visit.facts().device.name.text()
    );
    event.outcome = audit::Outcome::refused;
    event.reason = refusal.reason;
    event.grant = visit.facts().grant.id;
    event.ticket = visit.facts().grant.change_ticket;
    event.fields = {
        {"connection", visit.facts().id.text()},
        {"method", request.method},
        {"path", mask_text(visit.patterns(), request.path).bytes},
    };
    if (refusal.reason == "device.identity_mismatch") {
        event.type = "device.identity_mismatch";
        event.fields.push_back({"expected", visit.facts().device.serial});
        event.fields.push_back({"read", mask_text(visit.patterns(), refusal.detail).bytes});
    }
    auto work = [&](store::Tx& tx) { audit::append(tx, moment, event); };
    co_await http::write(services_.database, std::move(work));
}

// A page that polls would fill the log with one and the same refusal.
bool VisitOpening::is_repeated(const SessionId& session, const std::string& what) {
    const auto now = services_.clock.monotonic();
    const std::lock_guard lock(mutex_);
    std::erase_if(refused_at_, [&](const auto& entry) {
        return now - entry.second >= limits_.refusal_repeat;
    });
    if (refused_at_.size() >= refusals_remembered_max) {
        return false;  // told twice rather than never
    }
    return !refused_at_.try_emplace({session, what}, now).second;
}

namespace {

// The log is owed the end of a visit: while the store is full or locked, it waits.
asio::awaitable<void> write_end(
    const Services& services,
    std::chrono::milliseconds end_pause,
    const ConnectionId& id,
    const recording::Closing& closing,
    const Bytes& root_hash
) {
    asio::steady_timer pause(co_await asio::this_coro::executor);
    for (;;) {
        const auto moment = services.moments.now();
        const auto actor = gateway_actor();
        auto work = [&](store::Tx& tx) {
            recording::close_connection(tx, moment, id, closing, actor);
            if (root_hash.empty()) return;
            recording::record_sealed(tx, moment, id, root_hash, actor);
        };
        std::string why;
        try {
            co_await http::write(services.database, std::move(work));
            co_return;
        } catch (const store::Overloaded& busy) {
            why = busy.what();
        } catch (const store::StorageFull& full) {
            why = full.what();
        }
        log::warning("a visit's end waits", {{"connection", id.text()}, {"why", why}});
        pause.expires_after(end_pause);
        co_await pause.async_wait(asio::use_awaitable);
    }
}

}  // namespace

asio::awaitable<void> close_visit(
    const Services& services,
    const GatewayLimits& limits,
    Visits& visits,
    std::shared_ptr<Visit> visit
) {
    const auto& facts = visit->facts();
    const auto open = visit->describe();
    const recording::Closing closing{
        visit->cause(), open.from_device_bytes, open.to_device_bytes, open.exchanges
    };
    Bytes root_hash;
    try {
        auto start = [&](auto done) {
            visit->recording().seal(closing.cause, services.clock.now(), std::move(done));
        };
        root_hash = co_await http::await_callback<Bytes>(std::move(start));
    } catch (const std::exception& error) {
        log::error(
            "a recording could not be sealed",
            {{"connection", facts.id.text()}, {"why", error.what()}}
        );
    }
    visit->give_back();
    try {
        co_await write_end(services, limits.end_pause, facts.id, closing, root_hash);
    } catch (const std::exception& error) {
        log::error(
            "a visit's end could not be written",
            {{"connection", facts.id.text()}, {"why", error.what()}}
        );
    }
    visits.remove(facts.id);
}

}  // namespace sallyport::gateway
