#include "edge/gateway/leaked_token.h"

#include "domain/audit/log.h"
#include "domain/authn/throttle.h"
#include "domain/session/session.h"
#include "edge/http/await.h"
#include "edge/http/url_token.h"

#include <optional>
#include <utility>

namespace sallyport::gateway {

namespace asio = boost::asio;

namespace {

audit::Event alert_by(const audit::Actor& finder) {
    auto alert = audit::event_by(finder, "detect.alert", "detect", "session");
    alert.outcome = audit::Outcome::refused;
    alert.reason = "token_in_url";
    alert.fields = {
        {"rule", std::string("token_in_url")},
        {"severity", std::string("high")},
    };
    return alert;
}

std::optional<session::TokenDigest> digest_of(const std::string& text) {
    const auto token = http::parse_token(text);
    if (!token) return std::nullopt;
    return session::digest_of(token->expose());
}

}  // namespace

asio::awaitable<void> end_leaked_session(
    LeakServices services, std::string token, audit::Actor finder
) {
    const auto moment = services.moments.now();
    const auto digest = digest_of(token);
    std::optional<audit::Event> told = alert_by(finder);
    auto look = [digest](store::Tx& tx) { return digest && session::find(tx, *digest); };
    const bool ours = co_await http::read(services.database, std::move(look));
    if (!ours) {
        const auto source = authn::source_bucket(finder.where.source);
        told = services.repeats.offer(*told, "token_in_url", source, moment.monotonic);
        if (!told) co_return;
    }
    std::optional<SessionId> ended;
    auto end = [&](store::Tx& tx) {
        ended.reset();
        audit::append(tx, moment, *told);
        const auto session = digest ? session::find(tx, *digest) : std::nullopt;
        if (!session) return;
        session::end(tx, moment, *session, session::EndCause::token_in_url, finder);
        ended = session->id;
    };
    co_await http::write(services.database, std::move(end));
    if (!ended) co_return;
    services.sessions.drop(*ended);
    services.leases.cut_session(*ended, policy::CutCause::session_ended);
}

}  // namespace sallyport::gateway
