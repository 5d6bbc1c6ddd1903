#include "edge/api/step_up_routes.h"

#include "domain/authn/certificate/bound_card.h"
#include "domain/authn/means_to_sign_in.h"
#include "domain/authn/push/push_step_up.h"
#include "domain/authn/push/push_store.h"
#include "domain/authn/security_key_store.h"
#include "domain/authn/step_up.h"
#include "domain/directory/account.h"
#include "domain/governance/push_alarm.h"
#include "edge/api/answers.h"
#include "edge/api/card_handoff.h"
#include "edge/api/explain.h"
#include "edge/api/flow_cookie.h"
#include "edge/api/pages/key_form.h"
#include "edge/api/pages/layout.h"
#include "edge/api/pages/problem.h"
#include "edge/api/pages/push_waiting.h"
#include "edge/api/push_sender.h"
#include "edge/api/signed_in.h"
#include "edge/http/await.h"
#include "edge/http/set_cookie.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <utility>

namespace sallyport::api {

namespace {

namespace asio = boost::asio;
using policy::Permission;

constexpr std::string_view page_path = "/step-up";
constexpr std::string_view push_cookie = "__Host-sallyport-confirm";

std::string path_with(std::string_view path, std::string_view next) {
    return std::string(path) + "?next=" + http::percent_encoded(safe_next(next));
}

Html next_field(std::string_view next) {
    return Html("<input type=\"hidden\" name=\"next\" value=\"", safe_next(next), "\">");
}

Html hidden_fields(const session::Session& session, std::string_view next) {
    return Html(csrf_field(session), next_field(next));
}

Handler with_code(const authn::Context& authn) {
    return [step_up = authn::StepUp(authn)](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_CHECK(session::check_renewable(*call.session));
        const authn::StepUp::Shown shown{
            .passphrase = std::nullopt, .code = call.input.text("code")
        };
        SP_TRY(
            auto proof,
            step_up.finish(
                tx,
                call.moment,
                call.policy,
                call.session->account,
                shown,
                call.actor,
                call.session->signed_in_amr
            )
        );
        return renew_session(tx, call, std::move(proof));
    };
}

Html step_up_with_code(const Call& call) {
    return Html(
        "<form method=\"post\" action=\"/api/step-up\">",
        hidden_fields(*call.session, call.input.text("next")),
        input_field(
            "Code from your authenticator app",
            "code",
            "text",
            "required autofocus aria-describedby=\"problem\" autocomplete=\"one-time-code\" "
            "inputmode=\"numeric\" "
            "maxlength=\"40\""
        ),
        "<button>Confirm</button></form>"
    );
}

Html step_up_with_key(const Call& call) {
    return key_form(
        KeyCeremony::assertion,
        "/api/step-up/key",
        "Confirm with a security key",
        hidden_fields(*call.session, call.input.text("next"))
    );
}

Html step_up_with_card(store::Tx& tx, const Call& call, const Site& site) {
    if (authn::count_usable_cards(tx, call.session->account, call.moment.now) == 0) return {};
    return card_form(
        site,
        "/api/step-up/card",
        "Confirm with a smart card",
        hidden_fields(*call.session, call.input.text("next"))
    );
}

Html step_up_with_passphrase(const session::Session& session, std::string_view next) {
    return Html(
        "<form method=\"post\" action=\"/api/step-up/passphrase\">",
        hidden_fields(session, next),
        input_field(
            "Passphrase",
            "passphrase",
            "password",
            "required autofocus aria-describedby=\"problem\" autocomplete=\"current-password\""
        ),
        "<button>Confirm</button></form>"
    );
}

Html step_up_with_phone(store::Tx& tx, const Call& call, const authn::Context& authn) {
    if (authn::usable_phones(tx, authn.keys, call.session->account, call.moment.now).empty()) {
        return {};
    }
    return Html(
        "<form method=\"post\" action=\"/api/step-up/push\">",
        hidden_fields(*call.session, call.input.text("next")),
        "<button>Ask my phone</button></form>"
    );
}

// What the account can show, strongest first.
Result<Html> ways(store::Tx& tx, const Call& call, const Site& site, const authn::Context& authn) {
    const auto& session = *call.session;
    const auto account = directory::find_account(tx, session.account);
    if (!account) return refuse(Refusal::denied, "account.not_active");
    const auto demanded = authn::demanded_of(tx, call.policy, *account, call.moment.now);
    const auto keys = authn::usable_security_keys(tx, session.account, call.moment.now);
    Html html(keys.empty() ? Html() : step_up_with_key(call), step_up_with_card(tx, call, site));
    if (demanded == policy::Strength::one_factor) {
        html.add(step_up_with_passphrase(session, call.input.text("next")));
    } else if (demanded < policy::Strength::phishing_resistant) {
        html.add(step_up_with_phone(tx, call, authn), step_up_with_code(call));
    }
    return html;
}

Handler show_page(const Site& site, const authn::Context& authn) {
    return [&site, &authn](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(const auto forms, ways(tx, call, site, authn));
        const Html body(
            "<p>What you are about to do asks again who you are. After this, five minutes are "
            "free. You come back to the page that you were on, and so does what you had typed "
            "there, if this browser runs scripts.</p>",
            forms
        );
        return answer_page(page("Confirm that it is you", body, call.session, &call.policy));
    };
}

// The passphrase is hashed between two transactions.
class PassphraseStep {
public:
    PassphraseStep(Services& services, const authn::Context& authn, http::WorkPool& pool)
        : services_(services), authn_(authn), step_up_(authn), pool_(pool) {}

    asio::awaitable<Result<Reply>> submit(LongCall call) const {
        auto shown = co_await tried(call);
        const bool again =
            !shown && shown.error().kind == Refusal::unauthenticated && !call.input.is_json();
        if (!again) co_return shown;
        const auto policy = services_.policy.get();
        const Html body(
            problem_above(&shown.error()),
            step_up_with_passphrase(*call.session, call.input.text("next"))
        );
        auto reply =
            answer_page(page("Confirm that it is you", body, &*call.session, policy.get()));
        reply.status = explain(shown.error()).status;
        co_return reply;
    }

private:
    asio::awaitable<Result<Reply>> tried(LongCall& call) const {
        if (const auto may = session::check_renewable(*call.session); !may) {
            co_return std::unexpected(may.error());
        }
        SP_CO_TRY(const auto typed, call.input.secret("passphrase"));
        const auto account = call.session->account;
        const auto begun_at = services_.moments.now();
        auto begin = [&](store::Tx& tx) {
            return step_up_.begin_passphrase(tx, begun_at, account, call.actor);
        };
        SP_CO_TRY(const auto question, co_await http::write(services_.database, std::move(begin)));
        auto hash = [&] { return authn::answer(authn_, question, typed); };
        const auto answer = co_await http::run_on(pool_, std::move(hash));

        const auto policy = services_.policy.get();
        const auto moment = services_.moments.now();
        auto finish = [&](store::Tx& tx) -> Result<Reply> {
            const authn::StepUp::Shown shown{.passphrase = answer, .code = {}};
            const auto& opened_by = call.session->signed_in_amr;
            SP_TRY(
                auto proof,
                step_up_.finish(tx, moment, *policy, account, shown, call.actor, opened_by)
            );
            return renew_session(
                tx,
                moment,
                *call.session,
                std::move(proof),
                call.actor.where,
                call.input.text("next")
            );
        };
        co_return co_await http::write(services_.database, std::move(finish));
    }

    Services& services_;
    const authn::Context& authn_;
    authn::StepUp step_up_;
    http::WorkPool& pool_;
};

// Asks, and wakes the phones once that is committed.
class AskPhone {
public:
    AskPhone(Services& services, const authn::Context& authn)
        : services_(services), push_(authn), sender_(services) {}

    asio::awaitable<Result<Reply>> submit(LongCall call) {
        if (const auto may = session::check_renewable(*call.session); !may) {
            co_return std::unexpected(may.error());
        }
        const auto moment = services_.moments.now();
        const auto policy = services_.policy.get();
        auto ask = [&](store::Tx& tx) {
            const auto& session = *call.session;
            auto asked = push_.ask(tx, moment, session.account, session.id, call.actor.where);
            if (asked) governance::raise_push_alerts(tx, moment, *policy, asked->push.alerts);
            return asked;
        };
        SP_CO_TRY(auto asked, co_await http::write(services_.database, std::move(ask)));
        sender_.send(std::move(asked.push.wake));
        auto reply =
            done(to_json(asked.push.waiting), path_with("/step-up/push", call.input.text("next")));
        reply.cookies.push_back(flow_cookie_header(push_cookie, asked.token));
        co_return reply;
    }

private:
    Services& services_;
    authn::PushStepUp push_;
    PushSender sender_;
};

Handler show_waiting(const authn::Context& authn) {
    return [push = authn::PushStepUp(authn)](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(const auto token, flow_token(call.request, push_cookie));
        SP_TRY(const auto waiting, push.waiting(tx, call.moment, call.session->id, token));
        const auto next = call.input.text("next");
        const bool settled = waiting.approved || call.moment.now >= waiting.ends_at;
        auto reply = answer(to_json(waiting, settled));
        const auto body =
            settled ? push_settled(
                          waiting, "/api/step-up/push/finish", hidden_fields(*call.session, next)
                      )
                    : push_waiting(waiting, path_with(page_path, next));
        reply.page = page(
            "Confirm that it is you",
            body,
            call.session,
            &call.policy,
            settled ? Html() : ask_again_soon()
        );
        return reply;
    };
}

// While the question is open there is nothing to finish.
Handler with_phone(const authn::Context& authn) {
    return [push = authn::PushStepUp(authn),
            step_up = authn::StepUp(authn)](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_CHECK(session::check_renewable(*call.session));
        const auto& session = *call.session;
        SP_TRY(const auto token, flow_token(call.request, push_cookie));
        SP_TRY(const auto waiting, push.waiting(tx, call.moment, session.id, token));
        if (!waiting.approved && call.moment.now < waiting.ends_at) {
            return done(
                {{"waiting", true}}, path_with("/step-up/push", call.input.text("next")), 202
            );
        }
        const authn::StepUp::Shown shown{
            .passphrase = std::nullopt,
            .code = {},
            .phone = push.take(tx, call.moment, session.id, token)
        };
        SP_TRY(
            auto proof,
            step_up.finish(
                tx,
                call.moment,
                call.policy,
                session.account,
                shown,
                call.actor,
                session.signed_in_amr
            )
        );
        auto reply = renew_session(tx, call, std::move(proof));
        if (reply) reply->cookies.push_back(http::expired_host_cookie(push_cookie));
        return reply;
    };
}

Route own_page(std::string_view path, Handler handler) {
    return {
        .method = "GET",
        .path = path,
        .access = Access::session,
        .permission = Permission::self_read,
        .event = "-",
        .handler = std::move(handler),
    };
}

Route own_form(std::string_view path, std::string_view event, Handler handler) {
    return {
        .method = "POST",
        .path = path,
        .access = Access::session,
        .permission = Permission::self_manage,
        .event = event,
        .kind = Kind::write,
        .handler = std::move(handler),
        .in_alarm = InAlarm::allowed,
    };
}

}  // namespace

std::vector<Route> step_up_routes(
    Services& services, const authn::Context& authn, http::WorkPool& pool
) {
    std::vector<Route> routes;
    routes.push_back(own_page(page_path, show_page(services.site, authn)));
    routes.push_back(own_form("/api/step-up", "stepup.success", with_code(authn)));
    routes.push_back(own_form("/api/step-up/passphrase", "stepup.success", nullptr));
    const auto passphrase = std::make_shared<PassphraseStep>(services, authn, pool);
    routes.back().long_handler = [passphrase](LongCall call) {
        return passphrase->submit(std::move(call));
    };
    routes.push_back(own_form("/api/step-up/push", "authn.push_sent", nullptr));
    const auto asking = std::make_shared<AskPhone>(services, authn);
    routes.back().long_handler = [asking](LongCall call) {
        return asking->submit(std::move(call));
    };
    routes.push_back(own_page("/step-up/push", show_waiting(authn)));
    // It asks every two seconds by itself, with scripts or without.
    routes.back().activity = Activity::background;
    routes.push_back(own_form("/api/step-up/push/finish", "stepup.success", with_phone(authn)));
    return routes;
}

}  // namespace sallyport::api
