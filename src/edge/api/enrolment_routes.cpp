#include "edge/api/enrolment_routes.h"

#include "domain/authn/enrolment.h"
#include "domain/directory/account.h"
#include "domain/governance/recovery.h"
#include "domain/session/sender_key.h"
#include "edge/api/answers.h"
#include "edge/api/explain.h"
#include "edge/api/flow_cookie.h"
#include "edge/api/key_json.h"
#include "edge/api/open_route.h"
#include "edge/api/pages/key_form.h"
#include "edge/api/pages/layout.h"
#include "edge/api/pages/problem.h"
#include "edge/api/pages/recovery_codes_page.h"
#include "edge/api/pages/sender_key_field.h"
#include "edge/api/pages/urgent_notes.h"
#include "edge/api/router.h"
#include "edge/api/signed_in.h"
#include "edge/api/workstation_routes.h"
#include "edge/http/await.h"
#include "edge/http/set_cookie.h"
#include "edge/http/url_token.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <utility>

namespace sallyport::api {

namespace {

namespace asio = boost::asio;

Reply form_page(
    const http::Request& request,
    const Text& title,
    std::string_view action,
    const Html& intro,
    const Html& fields,
    const Refusal* why
) {
    const auto token = form_token(request);
    const Html body(
        problem_above(why),
        intro,
        "<form method=\"post\" action=\"",
        action,
        "\"><input type=\"hidden\" name=\"csrf\" value=\"",
        token.value,
        "\">",
        fields,
        "</form>"
    );
    auto reply = answer_page(page(title, body));
    if (why != nullptr) reply.status = explain(*why).status;
    if (!token.set_cookie.empty()) reply.cookies.push_back(token.set_cookie);
    return reply;
}

Reply setup_page(const http::Request& request, const Refusal* why) {
    const Html intro(
        "<p>This Sallyport has no account yet. Whoever started it was shown a one-time code at the "
        "terminal; it makes you the first administrator.</p>"
    );
    const Html fields(
        input_field(
            "One-time code",
            "code",
            "text",
            "required autofocus aria-describedby=\"problem\" autocomplete=\"off\""
        ),
        input_field(
            "Your name", "display_name", "text", "required autocomplete=\"name\" maxlength=\"200\""
        ),
        input_field(
            "Your name here (to sign in with)",
            "login_name",
            "text",
            "required autocomplete=\"username\" autocapitalize=\"none\" maxlength=\"64\""
        ),
        "<button>Begin</button>"
    );
    return form_page(request, "First start", "/api/setup", intro, fields, why);
}

Reply ticket_page(const http::Request& request, const Refusal* why) {
    const Html intro(
        "<p>Type the enrolment ticket that you were given. It works once, for you alone.</p>"
    );
    const Html fields(
        input_field(
            "Enrolment ticket",
            "ticket",
            "text",
            "required autofocus aria-describedby=\"problem\" autocomplete=\"off\""
        ),
        input_field(
            "The help desk's code (only if your account is being recovered)",
            "agent_code",
            "text",
            "autocomplete=\"off\""
        ),
        "<button>Begin</button>"
    );
    return form_page(request, "Enrol", "/api/enrolment", intro, fields, why);
}

Reply passphrase_page(const http::Request& request, const Refusal* why) {
    const Html intro(
        "<p>Choose a passphrase. A few words that nobody would guess are better than a short one "
        "with signs in it. It is never asked to be changed because of its age.</p>"
    );
    const Html fields(
        input_field(
            "Passphrase",
            "passphrase",
            "password",
            "required autofocus aria-describedby=\"problem\" autocomplete=\"new-password\""
        ),
        input_field(
            "The same again", "repeated", "password", "required autocomplete=\"new-password\""
        ),
        "<button>Continue</button>"
    );
    return form_page(request, "Your passphrase", "/api/enrolment/passphrase", intro, fields, why);
}

Html code_form(const FormToken& token) {
    return Html(
        "<form method=\"post\" action=\"/api/enrolment/totp\"><input type=\"hidden\" "
        "name=\"csrf\" value=\"",
        token.value,
        "\">",
        input_field(
            "Code that the app shows now",
            "code",
            "text",
            "required autofocus aria-describedby=\"problem\" autocomplete=\"one-time-code\" "
            "inputmode=\"numeric\" "
            "maxlength=\"10\""
        ),
        sender_key_field(),
        "<button>Finish</button></form>"
    );
}

Html form_without(const FormToken& token) {
    return Html(
        "<h2>Or neither, for now</h2><p>Your passphrase alone lets you in. You can add one of "
        "these whenever you like, under Security; from then on it is asked for.</p>"
        "<form method=\"post\" action=\"/api/enrolment/totp\"><input type=\"hidden\" "
        "name=\"csrf\" value=\"",
        token.value,
        "\">",
        sender_key_field(),
        "<button>Finish with the passphrase alone</button></form>"
    );
}

// What the role lets a person bring as second factor: a key first, and an app where that is enough,
// or nothing where that is. `seed`: what to show of the app's.
Reply authenticator_page(
    const http::Request& request,
    const authn::Enrolment& enrolment,
    const Html& seed,
    const Refusal* why
) {
    const auto token = form_token(request);
    Html body(
        problem_above(why),
        "<p>A security key, or a passkey of your phone or computer, is the quickest and can't be "
        "tricked by a false page.</p>",
        key_form(
            KeyCeremony::enrolment,
            "/api/enrolment/key",
            "Use a security key or passkey",
            Html(
                "<input type=\"hidden\" name=\"csrf\" value=\"",
                token.value,
                "\">",
                sender_key_field()
            )
        )
    );
    if (enrolment.strength >= policy::Strength::phishing_resistant) {
        body.add(
            "<p>Your role asks for one. If nothing happens here, use a browser that knows security "
            "keys, and a page that it trusts.</p>"
        );
    } else {
        body.add("<h2>Or an authenticator app</h2>", seed, code_form(token));
    }
    if (!enrolment.demands_second_factor) body.add(form_without(token));
    auto reply = answer_page(page("Your authenticator", body));
    if (why != nullptr) reply.status = explain(*why).status;
    if (!token.set_cookie.empty()) reply.cookies.push_back(token.set_cookie);
    return reply;
}

Html seed_shown(const authn::Enrolling::Seed& seed) {
    return Html(
        "<p>Scan this with an authenticator app, or type the text into it. It is shown this once, "
        "to you alone.</p><div class=\"qr\" role=\"img\" "
        "aria-label=\"QR code for your authenticator app; the same as text follows\">",
        Html::trusted(std::string(as_text(seed.svg.expose()))),
        "</div><p><code id=\"seed\">",
        as_text(seed.text.expose()),
        "</code></p>"
    );
}

nlohmann::json to_json(const authn::Enrolment& enrolment) {
    return {
        {"login_name", enrolment.login_name},
        {"role", enrolment.role},
        {"ends_at", to_text(enrolment.ends_at)},
        {"next", "passphrase"},
    };
}

Handler begin_setup(const authn::Context& authn) {
    return [enrolling = authn::Enrolling(authn)](store::Tx& tx, const Call& call) -> Result<Reply> {
        const auto tried = [&]() -> Result<authn::Enrolling::Started> {
            SP_TRY(const auto code, call.input.required("code"));
            SP_TRY(const auto name_text, call.input.required("login_name"));
            SP_TRY(const auto display_name, call.input.required("display_name"));
            SP_TRY(const auto name, directory::LoginName::parse(name_text));
            return enrolling.start_with_bootstrap_code(
                tx, call.moment, call.policy, code, {name, display_name}, call.actor.where
            );
        };
        const auto started = tried();
        if (!started && !call.input.is_json()) return setup_page(call.request, &started.error());
        if (!started) return std::unexpected(started.error());
        auto reply = done(to_json(started->enrolment), "/enrol/passphrase");
        reply.cookies.push_back(flow_cookie_header(enrolment_cookie, started->token));
        return reply;
    };
}

// What was bound before is being replaced: whoever is signed in by it is signed out, at the ticket
// and again at the end, since somebody may have signed in meanwhile.
void end_sessions_before(
    store::Tx& tx, const Moment& moment, const AccountId& account, AfterCommit& after
) {
    const auto by = audit::system_actor("enrolment");
    const auto ended = session::end_all(tx, moment, account, session::EndCause::revocation, by);
    for (const auto& session : ended) {
        after.ended_sessions.emplace_back(session, policy::CutCause::session_ended);
    }
}

Handler begin_with_ticket(const authn::Context& authn) {
    return [enrolling = authn::Enrolling(authn)](store::Tx& tx, const Call& call) -> Result<Reply> {
        const auto tried = [&]() -> Result<authn::Enrolling::Started> {
            SP_TRY(const auto ticket, call.input.required("ticket"));
            return enrolling.start_with_ticket(
                tx,
                call.moment,
                call.policy,
                ticket,
                call.actor.where,
                call.input.text("agent_code")
            );
        };
        const auto started = tried();
        if (!started && !call.input.is_json()) return ticket_page(call.request, &started.error());
        if (!started) return std::unexpected(started.error());
        auto reply = done(to_json(started->enrolment), "/enrol/passphrase");
        if (started->enrolment.kind == authn::EnrolmentKind::reset) {
            end_sessions_before(tx, call.moment, started->enrolment.account.value(), reply.after);
        }
        reply.cookies.push_back(flow_cookie_header(enrolment_cookie, started->token));
        return reply;
    };
}

// The passphrase is hashed between two transactions; the answer shows the seed.
class PassphraseStep {
public:
    PassphraseStep(Services& services, const authn::Context& authn, http::WorkPool& pool)
        : services_(services), enrolling_(authn), pool_(pool) {}

    asio::awaitable<Result<Reply>> submit(LongCall call) const {
        const auto bound = co_await bind(call);
        if (!bound) {
            const auto& why = bound.error();
            if (call.input.is_json() || why.kind == Refusal::expired) {
                co_return std::unexpected(why);
            }
            co_return passphrase_page(call.request, &why);
        }
        co_return answer_with(call.request, *bound);
    }

private:
    struct Bound {
        authn::Enrolment enrolment;
        std::optional<authn::Enrolling::Seed> seed;  // none where a code is not enough
    };

    static Reply answer_with(const http::Request& request, const Bound& bound) {
        auto reply = authenticator_page(
            request, bound.enrolment, bound.seed ? seed_shown(*bound.seed) : Html(), nullptr
        );
        nlohmann::json json{
            {"next", bound.seed ? "totp" : "key"},
            {"second_factor", bound.enrolment.demands_second_factor ? "demanded" : "optional"},
        };
        if (bound.seed) {
            json["totp"] = {
                {"uri", as_text(bound.seed->uri.expose())},
                {"secret", as_text(bound.seed->text.expose())},
            };
        }
        reply.json = json.dump();
        return reply;
    }

    asio::awaitable<Result<Bound>> bind(LongCall& call) const {
        SP_CO_TRY(const auto token, flow_token(call.request, enrolment_cookie));
        SP_CO_TRY(const auto typed, call.input.new_passphrase());
        const auto policy = services_.policy.get();
        const auto found_at = services_.moments.now();
        auto find = [&](store::Tx& tx) { return enrolling_.find(tx, found_at, *policy, token); };
        SP_CO_TRY(const auto enrolment, co_await http::read(services_.database, std::move(find)));

        auto hash = [&] { return enrolling_.make_passphrase_verifier(enrolment, typed); };
        SP_CO_TRY(const auto verifier, co_await http::run_on(pool_, std::move(hash)));

        const auto moment = services_.moments.now();
        auto store_and_show = [&](store::Tx& tx) -> Result<Bound> {
            SP_CHECK(enrolling_.set_passphrase(tx, moment, token, verifier));
            Bound bound{.enrolment = enrolment, .seed = std::nullopt};
            if (enrolment.strength < policy::Strength::phishing_resistant) {
                SP_TRY(bound.seed, enrolling_.show_seed(tx, moment, token));
            }
            return bound;
        };
        co_return co_await http::write(services_.database, std::move(store_and_show));
    }

    Services& services_;
    authn::Enrolling enrolling_;
    http::WorkPool& pool_;
};

Reply finished_page(
    store::Tx& tx,
    const policy::Policy& policy,
    const authn::Enrolling::Finished& finished,
    const session::Opened& opened
) {
    const Html urgent(
        only_administrator_note(tx, policy, opened.session),
        second_authenticator_note(tx, policy, opened.session, opened.session.created_at)
    );
    const nlohmann::json json{
        {"login_name", opened.session.login_name},
        {"role", opened.session.role},
        {"recovery_codes", recovery_codes_json(finished.recovery_codes)},
        {"ends_at", to_text(opened.session.ends_at)},
        {"csrf", opened.session.csrf_key},
    };
    if (finished.recovery_codes.empty()) return done(json, "/");
    auto reply = answer_page(recovery_codes_page(finished.recovery_codes, urgent));
    reply.json = json.dump();
    return reply;
}

Handler offer_key(const authn::Context& authn) {
    return [&authn](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(const auto token, flow_token(call.request, enrolment_cookie));
        SP_TRY(
            const auto creation,
            authn::Enrolling(authn).offer_key(tx, call.moment, call.policy, token, call.actor.where)
        );
        return answer(key_creation_json(authn.relying_party, authn.issuer, creation));
    };
}

Result<authn::Enrolling::Finished> finish_with_code(
    const authn::Enrolling& enrolling, store::Tx& tx, const Call& call
) {
    SP_TRY(const auto token, flow_token(call.request, enrolment_cookie));
    return enrolling.finish(
        tx, call.moment, call.policy, token, call.input.text("code"), call.actor.where
    );
}

Result<authn::Enrolling::Finished> finish_with_key(
    const authn::Enrolling& enrolling, store::Tx& tx, const Call& call
) {
    SP_TRY(const auto token, flow_token(call.request, enrolment_cookie));
    SP_TRY(const auto key, new_key_in(call.input));
    return enrolling.finish_with_key(tx, call.moment, call.policy, token, key, call.actor.where);
}

// The page again, with what was wrong. An app's seed is shown once only.
Result<Reply> try_again(
    const authn::Enrolling& enrolling, store::Tx& tx, const Call& call, const Refusal& why
) {
    if (call.input.is_json() || why.kind == Refusal::expired) return std::unexpected(why);
    SP_TRY(const auto token, flow_token(call.request, enrolment_cookie));
    SP_TRY(const auto enrolment, enrolling.find(tx, call.moment, call.policy, token));
    const Html again("<p>Enter the code that your app shows now.</p>");
    return authenticator_page(call.request, enrolment, again, &why);
}

template <class Brought>
Handler finish(const authn::Context& authn, Brought brought) {
    return [enrolling = authn::Enrolling(authn),
            brought](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(const auto sender_key, sender_key_in(call.input));
        const auto channel = channel_of(call.input);
        auto finished = brought(enrolling, tx, call);
        if (!finished) return try_again(enrolling, tx, call, finished.error());
        AfterCommit ended;
        if (finished->kind == authn::EnrolmentKind::reset) {
            end_sessions_before(tx, call.moment, finished->account, ended);
            governance::complete_recovery(tx, call.moment, finished->ticket.value());
        }
        const auto where = with_workstation(tx, call.request, call.actor.where, call.moment.now);
        const auto opened =
            session::open(tx, call.moment, call.policy, std::move(finished->proof), where, channel);
        if (!opened) return std::unexpected(opened.error());
        if (sender_key) session::bind_sender_key(tx, call.moment, *opened, *sender_key);
        const bool to_command_line = channel == session::Channel::cli;
        auto reply = finished_page(tx, call.policy, *finished, *opened);
        reply.after = std::move(ended);
        end_session_before(tx, call.moment, call.session, call.actor, reply.after);
        if (to_command_line) {
            auto json = nlohmann::json::parse(reply.json);
            json["token"] = http::token_text(opened->token);
            reply.json = json.dump();
        }
        give_session(reply, *opened, to_command_line);
        reply.cookies.push_back(http::expired_host_cookie(enrolment_cookie));
        return reply;
    };
}

}  // namespace

std::vector<Route> enrolment_routes(
    Services& services, const authn::Context& authn, http::WorkPool& pool
) {
    std::vector<Route> routes;
    routes.push_back(open_page("/setup", [](store::Tx&, const Call& call) -> Result<Reply> {
        return setup_page(call.request, nullptr);
    }));
    routes.push_back(open_form("/api/setup", "bootstrap.opened", begin_setup(authn)));
    routes.push_back(open_page("/enrol", [](store::Tx&, const Call& call) -> Result<Reply> {
        return ticket_page(call.request, nullptr);
    }));
    routes.push_back(open_form("/api/enrolment", "ticket.redeemed", begin_with_ticket(authn)));
    routes.push_back(open_page(
        "/enrol/passphrase",
        [](store::Tx&, const Call& call) -> Result<Reply> {
            return passphrase_page(call.request, nullptr);
        }
    ));
    const auto passphrase = std::make_shared<PassphraseStep>(services, authn, pool);
    routes.push_back(
        {.method = "POST",
         .path = "/api/enrolment/passphrase",
         .access = Access::open,
         .event = "cred.bound",
         .kind = Kind::write,
         .long_handler = [passphrase](LongCall call) { return passphrase->submit(std::move(call)); }
        }
    );
    routes.push_back(open_form("/api/enrolment/totp", "cred.bound", finish(authn, finish_with_code))
    );
    routes.push_back(
        open_form("/api/enrolment/key/options", "cred.enrolment_started", offer_key(authn))
    );
    routes.push_back(open_form("/api/enrolment/key", "cred.bound", finish(authn, finish_with_key)));
    return routes;
}

}  // namespace sallyport::api
