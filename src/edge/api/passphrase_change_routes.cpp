#include "edge/api/passphrase_change_routes.h"

#include "domain/authn/compromised_passphrase.h"
#include "edge/api/answers.h"
#include "edge/api/explain.h"
#include "edge/api/flow_cookie.h"
#include "edge/api/open_route.h"
#include "edge/api/pages/layout.h"
#include "edge/api/pages/problem.h"
#include "edge/http/await.h"
#include "edge/http/set_cookie.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <utility>

namespace sallyport::api {

namespace {

namespace asio = boost::asio;

constexpr std::string_view change_cookie = "__Host-sallyport-passphrase";

Reply change_page(const http::Request& request, const Refusal* why) {
    const auto token = form_token(request);
    const Html body(
        problem_above(why),
        "<p>Your passphrase was forgotten, or may be known to others. Choose another before you go "
        "on; if others know it, change it wherever else you use it.</p><form method=\"post\" "
        "action=\"/api/passphrase\"><input type=\"hidden\" name=\"csrf\" value=\"",
        token.value,
        "\">",
        input_field(
            "New passphrase",
            "passphrase",
            "password",
            "required autofocus aria-describedby=\"problem\" autocomplete=\"new-password\""
        ),
        input_field(
            "The same again", "repeated", "password", "required autocomplete=\"new-password\""
        ),
        "<button>Set it</button></form>"
    );
    auto reply = answer_page(page("A new passphrase", body));
    if (why != nullptr) reply.status = explain(*why).status;
    if (!token.set_cookie.empty()) reply.cookies.push_back(token.set_cookie);
    return reply;
}

Reply changed() {
    const Html body(
        "<p id=\"changed\">Your new passphrase is set.</p><p><a class=\"button\" "
        "href=\"/sign-in\">Sign in with it</a></p>"
    );
    auto reply = answer({{"changed", true}});
    reply.page = page("A new passphrase", body);
    reply.cookies.push_back(http::expired_host_cookie(change_cookie));
    return reply;
}

class ChangeStep {
public:
    ChangeStep(Services& services, const authn::Context& authn, http::WorkPool& pool)
        : services_(services), change_(authn), pool_(pool) {}

    asio::awaitable<Result<Reply>> submit(LongCall call) const {
        const auto done_now = co_await set(call);
        if (done_now) co_return changed();
        const auto& why = done_now.error();
        const bool over = why.kind == Refusal::expired || why.kind == Refusal::denied;
        if (call.input.is_json() || over) co_return std::unexpected(why);
        co_return change_page(call.request, &why);
    }

private:
    asio::awaitable<Result<AccountId>> set(LongCall& call) const {
        SP_CO_TRY(const auto token, flow_token(call.request, change_cookie));
        SP_CO_TRY(const auto typed, call.input.new_passphrase());
        const auto policy = services_.policy.get();
        const auto found_at = services_.moments.now();
        auto find = [&](store::Tx& tx) { return change_.find(tx, found_at, *policy, token); };
        SP_CO_TRY(const auto due, co_await http::read(services_.database, std::move(find)));

        auto hash = [&] { return change_.make_passphrase_verifier(due, typed); };
        SP_CO_TRY(const auto verifier, co_await http::run_on(pool_, std::move(hash)));

        const auto moment = services_.moments.now();
        const auto where = call.actor.where;
        auto finish = [&](store::Tx& tx) {
            return change_.finish(tx, moment, token, verifier, where);
        };
        co_return co_await http::write(services_.database, std::move(finish));
    }

    Services& services_;
    authn::PassphraseChange change_;
    http::WorkPool& pool_;
};

}  // namespace

Reply begin_passphrase_change(
    store::Tx& tx, const Moment& moment, authn::AuthenticationProof proof, const audit::Where& where
) {
    const auto by = audit::system_actor("compromise");
    const auto ended =
        session::end_all(tx, moment, proof.account(), session::EndCause::revocation, by);
    const auto token = authn::PassphraseChange::begin(tx, moment, std::move(proof), where);
    auto reply = done({{"next", "passphrase"}}, "/passphrase");
    reply.cookies.push_back(flow_cookie_header(change_cookie, token));
    reply.cookies.push_back(http::expired_host_cookie(sign_in_cookie));
    for (const auto& session : ended) {
        reply.after.ended_sessions.emplace_back(session, policy::CutCause::session_ended);
    }
    return reply;
}

std::vector<Route> passphrase_change_routes(
    Services& services, const authn::Context& authn, http::WorkPool& pool
) {
    std::vector<Route> routes;
    routes.push_back(open_page("/passphrase", [](store::Tx&, const Call& call) -> Result<Reply> {
        return change_page(call.request, nullptr);
    }));
    const auto step = std::make_shared<ChangeStep>(services, authn, pool);
    routes.push_back(
        {.method = "POST",
         .path = "/api/passphrase",
         .access = Access::open,
         .event = "cred.password_changed",
         .kind = Kind::write,
         .long_handler = [step](LongCall call) { return step->submit(std::move(call)); }}
    );
    return routes;
}

}  // namespace sallyport::api
