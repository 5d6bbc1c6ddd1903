#include "edge/api/cli_sign_in_routes.h"

#include "base/core/bytes.h"
#include "domain/session/cli_code.h"
#include "edge/api/answers.h"
#include "edge/api/cli_ask.h"
#include "edge/api/pages/layout.h"
#include "edge/api/signed_in.h"
#include "edge/http/await.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <utility>

namespace sallyport::api {

namespace {

namespace asio = boost::asio;
using policy::Permission;

Result<CliAsk> ask_in(const Input& input) {
    return parse_cli_ask(input.text("port"), input.text("challenge"), input.text("state"));
}

Html hidden(std::string_view name, std::string_view value) {
    return Html("<input type=\"hidden\" name=\"", name, "\" value=\"", value, "\">");
}

Result<Reply> ask_page(store::Tx& /*tx*/, const Call& call) {
    SP_TRY(const auto ask, ask_in(call.input));
    const auto& session = *call.session;
    const Html body(
        "<p>A program on <strong>this computer</strong> (127.0.0.1:",
        ask.port,
        ") asks to act with your rights, as ",
        session.login_name,
        " (",
        session.role,
        "), until ",
        shown(session.ends_at),
        " at the latest, or until you sign out here.</p>"
        "<p class=\"note\"><strong>If you did not just type <code>sallyport login</code> on this "
        "computer, close this page.</strong></p>"
        "<form method=\"post\" action=\"/api/cli-sign-in\">",
        csrf_field(session),
        hidden("port", std::to_string(ask.port)),
        hidden("challenge", to_base64url(ask.challenge)),
        hidden("state", ask.state),
        "<button>Let it act for me</button></form>"
    );
    return answer_page(page("Sign in at the command line", body, call.session, &call.policy));
}

// The way back is a page with a link that is followed by itself: a redirect of the form would need
// every port of 127.0.0.1 in form-action (Content Security Policy Level 3, §6.4.2.1).
Result<Reply> issue(store::Tx& tx, const Call& call) {
    SP_TRY(const auto ask, ask_in(call.input));
    SP_TRY(
        const auto code,
        session::issue_cli_code(tx, call.moment, *call.session, ask.challenge, call.actor)
    );
    const auto address = cli_return_address(ask, to_base64url(code.expose()));
    const Html body(
        "<p>The program is told now. If this page stays, <a href=\"", address, "\">go on</a>.</p>"
    );
    auto reply = answer({{"address", address}});
    reply.page = page("Sign in at the command line", body, call.session, &call.policy);
    reply.refresh = address;
    return reply;
}

class CliSession {
public:
    explicit CliSession(Services& services) : services_(services) {}

    asio::awaitable<Result<Reply>> open(LongCall call) const {
        // A program's alone: no page of anybody's can send JSON here unasked.
        if (!call.input.is_json()) co_return refuse(Refusal::invalid, "input.type_unknown");
        SP_CO_TRY(const auto code_text, call.input.required("code"));
        SP_CO_TRY(const auto verifier, call.input.secret("verifier"));
        const auto code = code_text.size() == cli_word_size
                              ? from_base64url(code_text)
                              : refuse(Refusal::invalid, "cli_sign_in.malformed");
        const bool well_formed = code && verifier.size() >= session::verifier_size_min &&
                                 verifier.size() <= session::verifier_size_max;
        if (!well_formed) co_return refuse(Refusal::invalid, "cli_sign_in.malformed");

        auto where = call.actor.where;
        where.channel = "cli";
        const auto moment = services_.moments.now();
        auto work = [&](store::Tx& tx) {
            const session::CliCodeShown shown{*code, verifier.expose()};
            return session::redeem_cli_code(tx, moment, shown, where, services_.repeats);
        };
        auto redeemed = co_await http::write(services_.database, std::move(work));
        if (redeemed.ended) {
            services_.sessions.drop(*redeemed.ended);
            services_.leases.cut_session(*redeemed.ended, policy::CutCause::session_ended);
        }
        if (!redeemed.opened) co_return std::unexpected(std::move(redeemed.opened).error());
        co_return answer(session_json(*redeemed.opened, session::Channel::cli));
    }

private:
    Services& services_;
};

}  // namespace

std::vector<Route> cli_sign_in_routes(Services& services) {
    std::vector<Route> routes;
    // Asks for the proof before the person decides: nothing is asked in between, and a new login
    // is a fresh proof.
    routes.push_back(
        {.method = "GET",
         .path = "/cli-sign-in",
         .access = Access::session,
         .permission = Permission::self_manage,
         .step_up = StepUp::yes,
         .event = "-",
         .handler = ask_page}
    );
    routes.push_back(
        {.method = "POST",
         .path = "/api/cli-sign-in",
         .access = Access::session,
         .permission = Permission::self_manage,
         .step_up = StepUp::yes,
         .event = "cli_code.issued",
         .kind = Kind::write,
         .handler = issue,
         .in_alarm = InAlarm::allowed}
    );
    const auto session = std::make_shared<CliSession>(services);
    routes.push_back(
        {.method = "POST",
         .path = "/api/cli-session",
         .access = Access::open,
         .event = "cli_code.redeemed",
         .kind = Kind::write,
         .long_handler = [session](LongCall call) { return session->open(std::move(call)); },
         .in_alarm = InAlarm::allowed}
    );
    return routes;
}

}  // namespace sallyport::api
