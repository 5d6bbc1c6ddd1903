#include "edge/api/unlock_routes.h"

#include "domain/authn/step_up.h"
#include "domain/session/unlock.h"
#include "edge/api/answers.h"
#include "edge/api/badge_reader_routes.h"
#include "edge/api/flow_cookie.h"
#include "edge/api/pages/layout.h"
#include "edge/api/pages/problem.h"
#include "edge/api/router.h"
#include "edge/api/workstation_routes.h"
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
    session::LockedSession locked;
    directory::Workstation here;
};

// Refuses unauthenticated "session.missing" if this browser has nothing to unlock, and what
// check_unlock refuses.
Result<Found> find_locked(
    store::Tx& tx, const policy::Policy& policy, const http::Request& request, Time now
) {
    const auto text = http::cookie(request, session_cookie);
    const auto digest = text ? token_digest(*text) : std::nullopt;
    auto locked = digest ? session::find_locked(tx, *digest) : std::nullopt;
    const auto here = workstation_of(tx, request);
    if (!locked || !here) return refuse(Refusal::unauthenticated, "session.missing");
    SP_CHECK(session::check_unlock(policy, *locked, *here, request.peer, now));
    return Found{*std::move(locked), *here};
}

audit::Actor holder(const Found& found, audit::Actor actor) {
    const auto& session = found.locked.session;
    actor.who = {
        .person = session.person,
        .account = session.account,
        .account_name = session.login_name,
        .role = session.role,
        .system = {},
    };
    actor.where.workstation = found.here.name;
    actor.factor = session.factor;
    actor.session = session.id;
    return actor;
}

std::string sign_in_path(std::string_view next) {
    return "/sign-in?next=" + http::percent_encoded(safe_next(next));
}

Reply unlock_page(
    const http::Request& request, const Html& title, std::string_view next, const Refusal* why
) {
    const auto token = form_token(request);
    const Html body(
        problem_above(why),
        "<p>Your session is locked because nothing was done. What you typed is kept for you.</p>"
        "<form method=\"post\" action=\"/api/session/unlock\"><input type=\"hidden\" "
        "name=\"csrf\" value=\"",
        token.value,
        "\"><input type=\"hidden\" name=\"next\" value=\"",
        safe_next(next),
        "\">",
        input_field(
            "Passphrase",
            "passphrase",
            "password",
            "required autofocus aria-describedby=\"problem\" autocomplete=\"current-password\""
        ),
        "<button>Unlock</button></form><p><a href=\"",
        sign_in_path(next),
        "\">I am somebody else</a></p>"
    );
    auto reply = answer_page(page(title, body));
    if (!token.set_cookie.empty()) reply.cookies.push_back(token.set_cookie);
    return reply;
}

// Where there is a badge reader, it is asked for first. Where there is nothing to unlock, one signs
// in.
Result<Reply> look(store::Tx& tx, const Call& call) {
    const auto next = call.input.text("next");
    if (call.input.text("with") != "passphrase" && has_badge_reader(tx, call.request)) {
        Reply reply;
        reply.location = "/badge?next=" + http::percent_encoded(safe_next(next));
        return reply;
    }
    const auto found = find_locked(tx, call.policy, call.request, call.moment.now);
    if (found) {
        const Html title("Welcome back, ", found->locked.session.login_name);
        return unlock_page(call.request, title, next, nullptr);
    }
    Reply reply;
    reply.location = sign_in_path(next);
    return reply;
}

class UnlockForm {
public:
    UnlockForm(Services& services, const authn::Context& authn, http::WorkPool& pool)
        : services_(services), authn_(authn), step_up_(authn), pool_(pool) {}

    asio::awaitable<Result<Reply>> submit(LongCall call) const {
        auto opened = co_await tried(call);
        const auto next = call.input.text("next");
        if (!opened) {
            if (call.input.is_json()) co_return std::unexpected(opened.error());
            co_return refused(call, opened.error());
        }
        auto reply = done(
            {{"login_name", opened->session.login_name},
             {"ends_at", to_text(opened->session.ends_at)},
             {"csrf", opened->session.csrf_key}},
            safe_next(next)
        );
        give_session(reply, *opened, false);
        co_return reply;
    }

private:
    asio::awaitable<Result<session::Opened>> tried(LongCall& call) const {
        SP_CO_TRY(auto typed, call.input.secret("passphrase"));
        const auto policy = services_.policy.get();
        const auto begun_at = services_.moments.now();
        auto begin = [&](store::Tx& tx) -> Result<authn::PassphraseQuestion> {
            SP_TRY(const auto found, find_locked(tx, *policy, call.request, begun_at.now));
            const auto& account = found.locked.session.account;
            return step_up_.begin_passphrase(tx, begun_at, account, holder(found, call.actor));
        };
        SP_CO_TRY(const auto question, co_await http::write(services_.database, std::move(begin)));
        auto hash = [&] { return authn::answer(authn_, question, typed); };
        const auto answer = co_await http::run_on(pool_, std::move(hash), http::Turn::first);

        const auto moment = services_.moments.now();
        auto open = [&](store::Tx& tx) -> Result<session::Opened> {
            SP_TRY(const auto found, find_locked(tx, *policy, call.request, moment.now));
            const auto actor = holder(found, call.actor);
            SP_TRY(
                auto proof,
                step_up_.finish_unlock(tx, moment, found.locked.session.account, answer, actor)
            );
            return session::unlock(
                tx, moment, *policy, found.locked, {found.here}, std::move(proof), actor.where
            );
        };
        co_return co_await http::write(services_.database, std::move(open));
    }

    static Result<Reply> refused(const LongCall& call, const Refusal& why) {
        const auto next = call.input.text("next");
        if (why.reason == "step_up.refused" || why.reason == "authn.throttled") {
            return unlock_page(call.request, Html("Welcome back"), next, &why);
        }
        Reply reply;
        reply.location = sign_in_path(next);
        return reply;
    }

    Services& services_;
    const authn::Context& authn_;
    authn::StepUp step_up_;
    http::WorkPool& pool_;
};

}  // namespace

std::vector<Route> unlock_routes(
    Services& services, const authn::Context& authn, http::WorkPool& pool
) {
    std::vector<Route> routes;
    routes.push_back(
        {.method = "GET", .path = "/unlock", .access = Access::open, .event = "-", .handler = look}
    );
    const auto form = std::make_shared<UnlockForm>(services, authn, pool);
    routes.push_back(
        {.method = "POST",
         .path = "/api/session/unlock",
         .access = Access::open,
         .event = "session.unlocked",
         .kind = Kind::write,
         .long_handler = [form](LongCall call) { return form->submit(std::move(call)); },
         .in_alarm = InAlarm::allowed}
    );
    return routes;
}

}  // namespace sallyport::api
