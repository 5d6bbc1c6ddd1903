#include "edge/api/sign_in_routes.h"

#include "base/core/log.h"
#include "domain/authn/compromised_passphrase.h"
#include "domain/authn/sign_in.h"
#include "domain/policy/workstation_posture.h"
#include "domain/session/sender_key.h"
#include "edge/api/answers.h"
#include "edge/api/card_handoff.h"
#include "edge/api/explain.h"
#include "edge/api/flow_cookie.h"
#include "edge/api/pages/key_form.h"
#include "edge/api/pages/layout.h"
#include "edge/api/pages/problem.h"
#include "edge/api/pages/sender_key_field.h"
#include "edge/api/pages/true_address.h"
#include "edge/api/passphrase_change_routes.h"
#include "edge/api/push_sign_in_routes.h"
#include "edge/api/rebinding_routes.h"
#include "edge/api/router.h"
#include "edge/api/second_factor_routes.h"
#include "edge/api/signed_in.h"
#include "edge/api/workstation_routes.h"
#include "edge/http/await.h"
#include "edge/http/url_token.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <utility>

namespace sallyport::api {

namespace {

namespace asio = boost::asio;
using policy::Permission;

Reply with_cookie(Reply reply, const FormToken& token) {
    if (!token.set_cookie.empty()) reply.cookies.push_back(token.set_cookie);
    return reply;
}

Html next_field(std::string_view next) {
    return Html("<input type=\"hidden\" name=\"next\" value=\"", safe_next(next), "\">");
}

// The hidden members of a form that comes before a session.
Html before_session(const FormToken& token, std::string_view next) {
    return Html(
        "<input type=\"hidden\" name=\"csrf\" value=\"",
        token.value,
        "\">",
        next_field(next),
        sender_key_field()
    );
}

// For whoever is held up because others failed at their name.
Html recovery_code_field() {
    return Html(
        "<p>Were it not you who failed? A passkey works at once, and so does your usual computer. "
        "Or "
        "add one of your recovery codes here; it is not used up by that.</p>",
        input_field(
            "Recovery code", "recovery_code", "text", "autocomplete=\"off\" maxlength=\"40\""
        )
    );
}

Reply sign_in_page(
    const Site& site,
    const authn::Context& authn,
    const http::Request& request,
    std::string_view next,
    const Refusal* why
) {
    const auto token = form_token(request);
    const Html body(
        problem_above(why),
        true_address(authn.relying_party),
        "<form method=\"post\" action=\"/api/sign-in\"><input type=\"hidden\" name=\"csrf\" "
        "value=\"",
        token.value,
        "\"><input type=\"hidden\" name=\"next\" value=\"",
        safe_next(next),
        "\">",
        input_field(
            "Your name here",
            "login_name",
            "text",
            "required autofocus aria-describedby=\"problem\" autocomplete=\"username webauthn\" "
            "autocapitalize=\"none\" "
            "spellcheck=\"false\""
        ),
        input_field(
            "Passphrase", "passphrase", "password", "required autocomplete=\"current-password\""
        ),
        sender_key_field(),
        why != nullptr && why->kind == Refusal::throttled ? recovery_code_field() : Html(),
        "<button>Continue</button></form>",
        key_form(
            KeyCeremony::assertion_while_typing,
            "/api/sign-in/passkey",
            "Sign in with a passkey or security key",
            Html(next_field(next), sender_key_field())
        ),
        card_form(
            site, "/api/sign-in/card", "Sign in with a smart card", before_session(token, next)
        ),
        "<p><a href=\"/forgot\">Forgot your passphrase?</a></p>"
        "<p><a href=\"/enrol\">I have an enrolment ticket</a></p>"
    );
    auto reply = answer_page(page("Sign in", body));
    if (why != nullptr) reply.status = explain(*why).status;
    return with_cookie(std::move(reply), token);
}

Reply code_page(
    const Site& site,
    const authn::Context& authn,
    const http::Request& request,
    std::string_view next
) {
    const auto token = form_token(request);
    const Html body(
        true_address(authn.relying_party),
        "<form method=\"post\" action=\"/api/sign-in/code\"><input type=\"hidden\" name=\"csrf\" "
        "value=\"",
        token.value,
        "\"><input type=\"hidden\" name=\"next\" value=\"",
        safe_next(next),
        "\">",
        input_field(
            "Code from your authenticator app",
            "code",
            "text",
            "required autofocus aria-describedby=\"problem\" autocomplete=\"one-time-code\" "
            "inputmode=\"numeric\" "
            "maxlength=\"40\""
        ),
        sender_key_field(),
        "<button>Sign in</button></form>",
        key_form(
            KeyCeremony::assertion,
            "/api/sign-in/key",
            "Use a security key",
            Html(next_field(next), sender_key_field())
        ),
        "<p><small>Without your authenticator, one of your recovery codes works here "
        "once. It gives you back your way in; to do more, bring a new authenticator.</small></p>",
        card_form(
            site, "/api/sign-in/card/second", "Use a smart card", before_session(token, next)
        ),
        ask_phone_form(token.value, next)
    );
    return with_cookie(answer_page(page("Second step", body)), token);
}

// The three steps of sign_in.h's first form, with the hash between two transactions.
class FirstForm {
public:
    FirstForm(Services& services, const authn::Context& authn, http::WorkPool& pool)
        : services_(services), authn_(authn), sign_in_(authn), pool_(pool) {}

    asio::awaitable<Result<Reply>> submit(LongCall call) const {
        SP_CO_TRY(auto typed, call.input.secret("passphrase"));
        SP_CO_TRY(const auto identifier, call.input.required("login_name"));
        const auto recovery_code = call.input.text("recovery_code");
        const auto where = call.actor.where;
        SP_CO_TRY(const auto sender_key, sender_key_in(call.input));
        const auto channel = channel_of(call.input);

        const auto begun_at = services_.moments.now();
        const auto policy = services_.policy.get();
        const authn::SignIn::Typed names{.identifier = identifier, .recovery_code = recovery_code};
        auto begin = [&](store::Tx& tx) {
            const auto here = with_workstation(tx, call.request, where, begun_at.now);
            return sign_in_.begin(tx, begun_at, *policy, names, here);
        };
        auto begun = co_await http::write(services_.database, std::move(begin));
        if (!begun) co_return refused(call, begun.error());

        auto hash = [this, &begun, &typed] { return hashed(begun->question, typed); };
        const auto answer = co_await http::run_on(pool_, std::move(hash));

        const auto moment = services_.moments.now();
        std::optional<session::Opened> opened;
        std::optional<Reply> instead;  // of a session
        std::optional<AuthenticatorId> outdated;
        AfterCommit ended;
        auto record = [&](store::Tx& tx) -> Result<void> {
            opened.reset();
            instead.reset();
            ended = {};
            const auto here = with_workstation(tx, call.request, where, moment.now);
            // Which factors are asked for depends on the circumstances, too.
            const auto facts = policy::facts_at(tx, *policy, here, moment.now);
            const auto demanded = policy::raised_by_context(*policy, facts);
            SP_TRY(
                auto next,
                sign_in_.record(tx, moment, demanded, begun->token.expose(), answer, here)
            );
            outdated = next.upgrade;
            if (!next.proof) return {};
            if (authn::passphrase_change_due(tx, next.proof->account())) {
                instead.emplace(begin_passphrase_change(tx, moment, *std::move(next.proof), where));
                return {};
            }
            if (next.second_factor_due) {
                instead.emplace(begin_second_factor(tx, moment, *std::move(next.proof), where));
                return {};
            }
            SP_TRY(
                auto session,
                session::open(tx, moment, *policy, *std::move(next.proof), here, channel)
            );
            if (sender_key) session::bind_sender_key(tx, moment, session, *sender_key);
            opened.emplace(std::move(session));
            end_session_before(
                tx, moment, call.session ? &*call.session : nullptr, call.actor, ended
            );
            return {};
        };
        const auto recorded = co_await http::write(services_.database, std::move(record));
        if (!recorded) co_return refused(call, recorded.error());
        if (outdated) upgrade_later(*outdated, begun->question.verifier, std::move(typed));

        if (instead) co_return *std::move(instead);
        const auto next = call.input.text("next");
        if (opened) {
            auto signed_in_now = signed_in(*std::move(opened), channel, next);
            signed_in_now.after = std::move(ended);
            co_return signed_in_now;
        }
        co_return second_form_next(begun->token, next);
    }

private:
    [[nodiscard]] static Reply second_form_next(
        const crypto::Secret& token, std::string_view next
    ) {
        auto reply = done(
            {{"next", "code"}}, "/sign-in/code?next=" + http::percent_encoded(safe_next(next))
        );
        reply.cookies.push_back(flow_cookie_header(sign_in_cookie, token));
        return reply;
    }

    [[nodiscard]] authn::PassphraseAnswer hashed(
        const authn::PassphraseQuestion& question, const crypto::Secret& typed
    ) const {
        auto answer = authn::answer(authn_, question, typed);
        answer.breached = breached(typed);
        return answer;
    }

    [[nodiscard]] Result<Reply> refused(const LongCall& call, const Refusal& why) const {
        if (call.input.is_json()) return std::unexpected(why);
        return sign_in_page(services_.site, authn_, call.request, call.input.text("next"), &why);
    }

    // A list that can't be asked keeps nobody out: it is told, and mended by another import.
    [[nodiscard]] bool breached(const crypto::Secret& typed) const {
        try {
            return authn::is_breached(authn_, typed);
        } catch (const std::exception& failed) {
            log::error("the breach list could not be asked", {{"fault", failed.what()}});
            return false;
        }
    }

    // After the answer, so that its time does not tell that the passphrase was right (context.h).
    void upgrade_later(
        const AuthenticatorId& authenticator, std::string old_verifier, crypto::Secret typed
    ) const {
        auto work = [&authn = authn_,
                     &database = services_.database,
                     sign_in = sign_in_,
                     authenticator,
                     old = std::move(old_verifier),
                     secret = std::make_shared<crypto::Secret>(std::move(typed))] {
            try {
                const auto fresh = authn::make_verifier(authn, *secret);
                if (!fresh) return;
                auto replace = [sign_in, authenticator, old, verifier = *fresh](store::Tx& tx) {
                    sign_in.upgrade_verifier(tx, authenticator, old, verifier);
                };
                database.submit_write(std::move(replace), [](const std::exception_ptr&) {});
            } catch (const std::exception& failed) {
                log::warning("a verifier was not upgraded", {{"fault", failed.what()}});
            }
        };
        try {
            pool_.submit(std::move(work));
        } catch (const http::Overloaded&) {
            return;  // the next sign-in will do it
        }
    }

    Services& services_;
    const authn::Context& authn_;
    authn::SignIn sign_in_;
    http::WorkPool& pool_;
};

Handler second_form(const Site& site, const authn::Context& authn) {
    return [&site,
            &authn,
            sign_in = authn::SignIn(authn)](store::Tx& tx, const Call& call) -> Result<Reply> {
        auto tried = [&]() -> Result<Reply> {
            SP_TRY(const auto token, flow_token(call.request, sign_in_cookie));
            SP_CHECK(sender_key_in(call.input));  // before a recovery code is used up
            const auto where =
                with_workstation(tx, call.request, call.actor.where, call.moment.now);
            const auto code = call.input.text("code");
            SP_TRY(
                auto admitted, sign_in.submit_code(tx, call.moment, call.policy, token, code, where)
            );
            if (admitted.rebinding) return lead_to_new_key(*admitted.rebinding);
            return open_session(tx, call, *std::move(admitted.proof));
        }();
        if (tried || call.input.is_json()) return tried;
        return sign_in_page(site, authn, call.request, call.input.text("next"), &tried.error());
    };
}

}  // namespace

std::vector<Route> sign_in_routes(
    Services& services, const authn::Context& authn, http::WorkPool& pool
) {
    const auto& site = services.site;
    std::vector<Route> routes;
    routes.push_back(
        {.method = "GET",
         .path = "/sign-in",
         .access = Access::open,
         .event = "-",
         .handler = [&site, &authn](store::Tx&, const Call& call) -> Result<Reply> {
             return sign_in_page(site, authn, call.request, call.input.text("next"), nullptr);
         }}
    );
    const auto first = std::make_shared<FirstForm>(services, authn, pool);
    routes.push_back(
        {.method = "POST",
         .path = "/api/sign-in",
         .access = Access::open,
         .event = "authn.mfa_prompt",
         .kind = Kind::write,
         .long_handler = [first](LongCall call) { return first->submit(std::move(call)); },
         .in_alarm = InAlarm::allowed}
    );
    routes.push_back(
        {.method = "GET",
         .path = "/sign-in/code",
         .access = Access::open,
         .event = "-",
         .handler = [&site, &authn](store::Tx&, const Call& call) -> Result<Reply> {
             return code_page(site, authn, call.request, call.input.text("next"));
         }}
    );
    routes.push_back(
        {.method = "POST",
         .path = "/api/sign-in/code",
         .access = Access::open,
         .event = "authn.success",
         .kind = Kind::write,
         .handler = second_form(site, authn),
         .in_alarm = InAlarm::allowed}
    );
    return routes;
}

}  // namespace sallyport::api
