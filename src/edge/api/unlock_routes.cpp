#include "edge/api/unlock_routes.h"

#include "domain/authn/authenticator_store.h"
#include "domain/authn/security_key_store.h"
#include "domain/authn/step_up.h"
#include "domain/session/unlock.h"
#include "edge/api/answers.h"
#include "edge/api/badge_reader_routes.h"
#include "edge/api/flow_cookie.h"
#include "edge/api/key_json.h"
#include "edge/api/pages/key_form.h"
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

constexpr std::string_view key_path = "/api/session/unlock/key";

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
    const auto here = workstation_of(tx, request, now);
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

// What its holder has to unlock it with.
struct Ways {
    bool key = false;
    bool passphrase = true;
};

Ways ways_of(store::Tx& tx, const AccountId& account, Time now) {
    return {
        .key = !authn::usable_security_keys(tx, account, now).empty(),
        .passphrase = authn::active_passphrase(tx, account).has_value(),
    };
}

Html with_key(const Html& fields) {
    return key_form(KeyCeremony::assertion, key_path, "Unlock with a security key", fields);
}

Html with_passphrase(const Html& fields) {
    return Html(
        "<form method=\"post\" action=\"/api/session/unlock\">",
        fields,
        input_field(
            "Passphrase",
            "passphrase",
            "password",
            "required autofocus aria-describedby=\"problem\" autocomplete=\"current-password\""
        ),
        "<button>Unlock</button></form>"
    );
}

Reply unlocked(const session::Opened& opened, std::string_view next) {
    auto reply = done(
        {{"login_name", opened.session.login_name},
         {"ends_at", to_text(opened.session.ends_at)},
         {"csrf", opened.session.csrf_key}},
        safe_next(next)
    );
    give_session(reply, opened, false);
    return reply;
}

Reply unlock_page(
    const http::Request& request,
    const Html& title,
    std::string_view next,
    const Refusal* why,
    const Ways& ways
) {
    const auto token = form_token(request);
    const Html fields(
        "<input type=\"hidden\" name=\"csrf\" value=\"",
        token.value,
        "\"><input type=\"hidden\" name=\"next\" value=\"",
        safe_next(next),
        "\">"
    );
    const Html body(
        problem_above(why),
        "<p>Your session is locked because nothing was done. What you typed is kept for you.</p>",
        ways.key ? with_key(fields) : Html(),
        ways.passphrase ? with_passphrase(fields) : Html(),
        "<p><a href=\"",
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
    if (call.input.text("with") != "passphrase" &&
        has_badge_reader(tx, call.request, call.moment.now)) {
        Reply reply;
        reply.location = "/badge?next=" + http::percent_encoded(safe_next(next));
        return reply;
    }
    const auto found = find_locked(tx, call.policy, call.request, call.moment.now);
    if (found) {
        const Html title("Welcome back, ", found->locked.session.login_name);
        const auto ways = ways_of(tx, found->locked.session.account, call.moment.now);
        return unlock_page(call.request, title, next, nullptr, ways);
    }
    Reply reply;
    reply.location = sign_in_path(next);
    return reply;
}

Handler offer_key(const authn::Context& authn) {
    return [&authn](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(const auto found, find_locked(tx, call.policy, call.request, call.moment.now));
        const auto& session = found.locked.session;
        const auto offer =
            authn::StepUp(authn).offer_key_to_unlock(tx, call.moment, session.account, session.id);
        if (offer.credentials.empty()) return refuse(Refusal::not_found, "security_key.none");
        return answer(key_request_json(
            authn.relying_party, offer.challenge, offer.credentials, UserVerification::required
        ));
    };
}

Handler unlock_with_key(const authn::Context& authn) {
    return [&authn](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(auto key, key_answer_in(call.input));
        SP_TRY(const auto found, find_locked(tx, call.policy, call.request, call.moment.now));
        const auto actor = holder(found, call.actor);
        const authn::StepUp::Shown shown{
            .passphrase = std::nullopt, .code = {}, .key = std::move(key)
        };
        const authn::StepUp step_up(authn);
        SP_TRY(
            auto proof,
            step_up.finish_unlock(tx, call.moment, found.locked.session.account, shown, actor)
        );
        SP_TRY(
            const auto opened,
            session::unlock(
                tx,
                call.moment,
                call.policy,
                found.locked,
                {found.here},
                std::move(proof),
                actor.where
            )
        );
        return unlocked(opened, call.input.text("next"));
    };
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
        co_return unlocked(*opened, next);
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
                step_up_.finish_unlock(
                    tx,
                    moment,
                    found.locked.session.account,
                    {.passphrase = answer, .code = {}},
                    actor
                )
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
            return unlock_page(call.request, Html("Welcome back"), next, &why, {});
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
    routes.push_back(
        {.method = "GET",
         .path = key_path,
         .access = Access::open,
         .event = "-",
         .handler = offer_key(authn),
         .in_alarm = InAlarm::allowed}
    );
    routes.push_back(
        {.method = "POST",
         .path = key_path,
         .access = Access::open,
         .event = "session.unlocked",
         .kind = Kind::write,
         .handler = unlock_with_key(authn),
         .in_alarm = InAlarm::allowed}
    );
    return routes;
}

}  // namespace sallyport::api
