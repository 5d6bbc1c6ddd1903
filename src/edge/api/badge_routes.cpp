#include "edge/api/badge_routes.h"

#include "domain/authn/badge/badge_reader.h"
#include "domain/authn/badge/badge_unlock.h"
#include "domain/session/badge_sessions.h"
#include "edge/api/answers.h"
#include "edge/api/badge_reader_routes.h"
#include "edge/api/flow_cookie.h"
#include "edge/api/pages/badge_pages.h"
#include "edge/api/router.h"
#include "edge/api/workstation_routes.h"
#include "edge/api/workstation_watch.h"
#include "edge/http/await.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace sallyport::api {

namespace {

namespace asio = boost::asio;

struct Found {
    authn::BadgeTap tap;
    directory::Workstation here;
    audit::Where where;
};

// What lies or was held there. Refuses unauthenticated "badge.no_workstation", expired
// "badge.tap_over".
Result<Found> find_tap(
    store::Tx& tx, const http::Request& request, const audit::Where& from, Time now
) {
    auto here = workstation_of(tx, request, now);
    if (!here) return refuse(Refusal::unauthenticated, "badge.no_workstation");
    SP_TRY(auto tap, authn::pending_tap(tx, here->id, now));
    auto where = from;
    where.workstation = here->name;
    return Found{.tap = std::move(tap), .here = *std::move(here), .where = std::move(where)};
}

// The same, if it is the one that the PIN was typed for: somebody else's may have followed.
Result<Found> find_same_tap(const LongCall& call, store::Tx& tx, Time now) {
    SP_TRY(auto found, find_tap(tx, call.request, call.actor.where, now));
    if (found.tap.id.text() != call.input.text("tap")) {
        return refuse(Refusal::expired, "badge.tap_over");
    }
    return found;
}

std::string with_next(std::string_view path, std::string_view next) {
    return std::string(path) + "?next=" + http::percent_encoded(safe_next(next));
}

// Waits for a tap, then for the PIN. Elsewhere one signs in.
Result<Reply> show(store::Tx& tx, const Call& call) {
    const auto next = safe_next(call.input.text("next"));
    if (!has_badge_reader(tx, call.request, call.moment.now)) {
        Reply reply;
        reply.location = with_next("/sign-in", next);
        return reply;
    }
    const auto found = find_tap(tx, call.request, call.actor.where, call.moment.now);
    const auto form = form_token(call.request);
    const BadgeForm shown{
        .tap = found ? &found->tap : nullptr,
        .form_token = form.value,
        .next = next,
        .wrong_pin = call.input.text("why") == "wrong",
    };
    auto reply = answer({{"tapped", found.has_value()}});
    if (found) {
        const auto& badge = found->tap.badge;
        reply = answer(
            {{"tapped", true},
             {"tap", found->tap.id.text()},
             {"asks_for_pin", badge && badge->usable},
             {"ends_at", to_text(found->tap.ends_at)}}
        );
    }
    reply.page = badge_page(shown);
    if (!form.set_cookie.empty()) reply.cookies.push_back(form.set_cookie);
    return reply;
}

struct Done {
    session::BadgeUnlocked unlocked;
    session::Switched switched;
};

class BadgeUnlockForm {
public:
    BadgeUnlockForm(Services& services, const authn::Context& authn, http::WorkPool& pool)
        : services_(services), authn_(authn), pool_(pool) {}

    asio::awaitable<Result<Reply>> submit(LongCall call) const {
        auto done_here = co_await tried(call);
        const auto next = call.input.text("next");
        if (!done_here) {
            if (call.input.is_json()) co_return std::unexpected(done_here.error());
            co_return refused(done_here.error(), next);
        }
        const auto& [unlocked, switched] = *done_here;
        const auto& session = unlocked.opened.session;
        // Where the person before was is not for the next to see.
        auto reply = done(
            {{"login_name", session.login_name},
             {"ends_at", to_text(session.ends_at)},
             {"csrf", session.csrf_key},
             {"switched", switched.from_another}},
            switched.from_another ? std::string("/") : safe_next(next)
        );
        give_session(reply, unlocked.opened, false);
        reply.clears_site = switched.from_another;
        for (const auto* const ended : {&unlocked.locked, &switched.locked}) {
            for (const auto& id : *ended) {
                reply.after.ended_sessions.emplace_back(id, policy::CutCause::session_ended);
            }
        }
        co_return reply;
    }

private:
    asio::awaitable<Result<Done>> tried(LongCall& call) const {
        SP_CO_TRY(const auto typed, call.input.secret("pin"));
        const auto begun_at = services_.moments.now();
        auto begin = [&](store::Tx& tx) -> Result<authn::PassphraseQuestion> {
            SP_TRY(const auto found, find_same_tap(call, tx, begun_at.now));
            return authn::begin_badge_pin(tx, begun_at, found.tap, found.where);
        };
        SP_CO_TRY(const auto question, co_await http::write(services_.database, std::move(begin)));
        auto hash = [&] { return authn::answer(authn_, question, typed); };
        const auto answer = co_await http::run_on(pool_, std::move(hash), http::Turn::first);

        const auto policy = services_.policy.get();
        const auto moment = services_.moments.now();
        const auto text = http::cookie(call.request, session_cookie);
        const auto before = text ? token_digest(*text) : std::nullopt;
        auto open = [&](store::Tx& tx) -> Result<Done> {
            SP_TRY(const auto found, find_same_tap(call, tx, moment.now));
            SP_TRY(auto proof, authn::finish_badge_pin(tx, moment, found.tap, answer, found.where));
            SP_TRY(
                auto unlocked,
                session::unlock_with_badge(
                    tx, moment, *policy, std::move(proof), found.here, found.where
                )
            );
            auto switched =
                session::note_switch(tx, moment, before, unlocked.opened.session, found.where);
            return Done{.unlocked = std::move(unlocked), .switched = std::move(switched)};
        };
        co_return co_await http::write(services_.database, std::move(open));
    }

    static Reply refused(const Refusal& why, std::string_view next) {
        Reply reply;
        if (why.reason == "badge.refused") {
            reply.location = with_next("/badge", next) + "&why=wrong";
        } else if (why.reason == "badge.tap_over") {
            reply.location = with_next("/badge", next);
        } else {
            reply.location = with_next("/sign-in", next);
        }
        return reply;
    }

    Services& services_;
    const authn::Context& authn_;
    http::WorkPool& pool_;
};

}  // namespace

std::vector<Route> badge_routes(
    Services& services, const authn::Context& authn, http::WorkPool& pool
) {
    std::vector<Route> routes;
    routes.push_back(
        {.method = "GET",
         .path = "/badge",
         .access = Access::open,
         .event = "-",
         .handler = show,
         .activity = Activity::background}
    );
    const auto form = std::make_shared<BadgeUnlockForm>(services, authn, pool);
    routes.push_back(
        {.method = "POST",
         .path = "/api/session/unlock-with-badge",
         .access = Access::open,
         .event = "session.unlocked",
         .kind = Kind::write,
         .long_handler = [form](LongCall call) { return form->submit(std::move(call)); },
         .in_alarm = InAlarm::allowed}
    );
    const auto watch = std::make_shared<WorkstationWatch>(services);
    routes.push_back(
        {.method = "GET",
         .path = "/api/workstation/watch",
         .access = Access::open,
         .event = "-",
         .long_handler = [watch](LongCall call) { return watch->wait(std::move(call)); },
         .activity = Activity::background}
    );
    routes.push_back(
        {.method = "GET",
         .path = "/api/workstation/tap",
         .access = Access::open,
         .event = "-",
         .long_handler = [watch](LongCall call) { return watch->wait_for_tap(std::move(call)); },
         .activity = Activity::background}
    );
    return routes;
}

}  // namespace sallyport::api
