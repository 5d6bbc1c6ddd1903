#include "edge/api/own_passphrase_routes.h"

#include "domain/authn/means_to_sign_in.h"
#include "domain/authn/own_passphrase.h"
#include "edge/api/answers.h"
#include "edge/api/explain.h"
#include "edge/api/pages/layout.h"
#include "edge/api/pages/problem.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

namespace sallyport::api {

namespace {

namespace asio = boost::asio;
using policy::Permission;

constexpr std::string_view page_path = "/security/passphrase";

Html set_form(const session::Session& session, const Text& button) {
    return Html(
        "<form method=\"post\" action=\"/api/self/passphrase\">",
        csrf_field(session),
        input_field(
            "New passphrase",
            "passphrase",
            "password",
            "required aria-describedby=\"problem\" autocomplete=\"new-password\""
        ),
        input_field(
            "The same again", "repeated", "password", "required autocomplete=\"new-password\""
        ),
        "<button>",
        button,
        "</button></form>"
    );
}

Html remove_form(std::size_t keys, const session::Session& session) {
    if (keys < authn::keys_without_passphrase_min) {
        return Html(
            "<p>With two security keys or passkeys that ask for a PIN or fingerprint you can give "
            "your passphrase up. You have ",
            std::to_string(keys),
            ": <a href=\"/security\">add another</a>.</p>"
        );
    }
    return Html(
        "<p>You have ",
        std::to_string(keys),
        " keys that sign you in alone. Without a passphrase nobody can guess or steal one; nothing "
        "of "
        "it is kept here. Your recovery codes work only beside a passphrase, and you keep at least "
        "two keys: if you lose them all, the help desk recovers your account.</p>",
        button_form("/api/self/passphrase/remove", "Sign in without a passphrase", session)
    );
}

Result<Reply> passphrase_page(store::Tx& tx, const Call& call) {
    const auto& session = *call.session;
    const auto all = authn::list_authenticators(tx, session.account);
    const bool has_one = std::ranges::any_of(all, [&](const authn::Authenticator& each) {
        return each.kind == authn::AuthenticatorKind::passphrase && each.usable(call.moment.now);
    });
    const auto keys = authn::keys_that_suffice_alone(
        all, authn::role_strength(call.policy, session.role), call.moment.now
    );
    Html body(step_up_note(session, call.policy, call.moment.now, page_path));
    if (has_one) {
        body.add(
            "<h2>Change it</h2>",
            set_form(session, "Change it"),
            "<h2>Do without it</h2>",
            remove_form(keys, session)
        );
    } else {
        body.add(
            "<p id=\"without\">You sign in without a passphrase. Nobody can see that at the "
            "sign-in; "
            "there, choose your passkey or security key.</p><h2>Have one again</h2>",
            set_form(session, "Set it")
        );
    }
    return answer_page(page("Your passphrase", body, call.session, &call.policy));
}

Handler remove(const authn::Context& authn) {
    return [own = authn::OwnPassphrase(authn)](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_CHECK(own.remove(tx, call.moment, call.policy, call.session->account, call.actor));
        return done({{"passphrase", false}}, std::string(page_path));
    };
}

// The passphrase is hashed between two transactions.
class SetStep {
public:
    SetStep(Services& services, const authn::Context& authn, http::WorkPool& pool)
        : services_(services), own_(authn), pool_(pool) {}

    asio::awaitable<Result<Reply>> submit(LongCall call) const {
        const auto set_now = co_await set(call);
        if (set_now) co_return done({{"passphrase", true}}, std::string(page_path));
        const auto& why = set_now.error();
        if (call.input.is_json() || why.kind != Refusal::invalid) co_return std::unexpected(why);
        const auto policy = services_.policy.get();
        const Html body(problem_above(&why), set_form(*call.session, "Set it"));
        auto reply = answer_page(page("Your passphrase", body, &*call.session, policy.get()));
        reply.status = explain(why).status;
        co_return reply;
    }

private:
    asio::awaitable<Result<void>> set(LongCall& call) const {
        SP_CO_TRY(const auto typed, call.input.new_passphrase());
        const auto account = call.session->account;
        const auto policy = services_.policy.get();
        const auto found_at = services_.moments.now();
        auto find = [&](store::Tx& tx) { return own_.find(tx, found_at, *policy, account); };
        SP_CO_TRY(const auto person, co_await http::read(services_.database, std::move(find)));

        auto hash = [&] { return own_.make_passphrase_verifier(person, typed); };
        SP_CO_TRY(const auto verifier, co_await http::run_on(pool_, std::move(hash)));

        const auto moment = services_.moments.now();
        const auto actor = call.actor;
        const auto session = call.session->id;
        auto store = [&](store::Tx& tx) -> Result<void> {
            if (!session::find(tx, session)) {
                return refuse(Refusal::unauthenticated, "session.ended");
            }
            return own_.set(tx, moment, account, verifier, actor);
        };
        co_return co_await http::write(services_.database, std::move(store));
    }

    Services& services_;
    authn::OwnPassphrase own_;
    http::WorkPool& pool_;
};

Route change(std::string_view path, std::string_view event) {
    return {
        .method = "POST",
        .path = path,
        .access = Access::session,
        .permission = Permission::self_manage,
        .step_up = StepUp::yes,
        .event = event,
        .kind = Kind::write,
    };
}

}  // namespace

std::vector<Route> own_passphrase_routes(
    Services& services, const authn::Context& authn, http::WorkPool& hash_pool
) {
    std::vector<Route> routes;
    routes.push_back(
        {.method = "GET",
         .path = page_path,
         .access = Access::session,
         .permission = Permission::self_read,
         .event = "-",
         .handler = passphrase_page}
    );
    routes.push_back(change("/api/self/passphrase", "cred.password_changed"));
    const auto step = std::make_shared<SetStep>(services, authn, hash_pool);
    routes.back().long_handler = [step](LongCall call) { return step->submit(std::move(call)); };
    routes.push_back(change("/api/self/passphrase/remove", "cred.passphrase_removed"));
    routes.back().handler = remove(authn);
    return routes;
}

}  // namespace sallyport::api
