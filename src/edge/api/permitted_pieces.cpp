#include "edge/api/permitted_pieces.h"

#include "base/core/log.h"
#include "domain/policy/permit.h"
#include "domain/session/session.h"
#include "edge/http/await.h"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <memory>
#include <string>
#include <utility>

namespace sallyport::api {

namespace {

namespace asio = boost::asio;

struct Body {
    const Services& services;
    SessionId session;
    policy::Permission action;
    http::BodyPieces pieces;
};

Result<void> still_permitted(
    store::Tx& tx, const Body& body, const policy::Policy& policy, Time now
) {
    const auto session = session::find(tx, body.session);
    if (!session) return refuse(Refusal::unauthenticated, "session.ended");
    auto subject = session->subject();
    subject.last_proof = now;  // it was fresh when this began
    const policy::Question question{
        .subject = subject,
        .action = body.action,
        .device = std::nullopt,
        .about = std::nullopt,
        .grant = std::nullopt,
    };
    SP_CHECK(policy::decide(policy, question, now));
    return {};
}

// Asked once the piece is there, which may have taken long, and before anything of it leaves. At
// the end, too: what is cut has no end.
asio::awaitable<std::string> next_piece(std::shared_ptr<Body> body) {
    auto piece = co_await body->pieces();
    const auto policy = body->services.policy.get();
    const auto now = body->services.moments.now().now;
    auto ask = [&](store::Tx& tx) { return still_permitted(tx, *body, *policy, now); };
    const auto permitted = co_await http::read(body->services.database, std::move(ask));
    if (permitted) co_return piece;
    log::info(
        "an answer was broken off: whoever asked for it may not have it any more",
        {{"session", body->session.text()}, {"reason", std::string(permitted.error().reason)}}
    );
    throw boost::system::system_error(asio::error::operation_aborted, "no longer permitted");
}

}  // namespace

http::BodyPieces permitted_pieces(
    const Services& services,
    const SessionId& session,
    policy::Permission action,
    http::BodyPieces pieces
) {
    // Shared, since a function that holds it must be copyable; there is one body.
    const auto body = std::make_shared<Body>(services, session, action, std::move(pieces));
    return [body] { return next_piece(body); };
}

}  // namespace sallyport::api
