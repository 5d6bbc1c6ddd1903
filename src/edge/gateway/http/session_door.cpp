#include "edge/gateway/http/session_door.h"

#include "base/core/bytes.h"
#include "domain/governance/notice.h"
#include "domain/session/handoff.h"
#include "edge/gateway/http/request_rewrite.h"
#include "edge/http/ascii.h"
#include "edge/http/await.h"
#include "edge/http/set_cookie.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace sallyport::gateway {

namespace asio = boost::asio;

namespace {

std::optional<session::TokenDigest> cookie_digest(const http::Request& request) {
    const auto token = http::host_session_token(request);
    if (!token) return std::nullopt;
    return session::digest_of(token->expose());
}

// What a code was exchanged for.
struct Redeemed {
    session::Opened opened;
    std::optional<SessionId> replaced;
};

}  // namespace

SessionDoor::SessionDoor(const Services& services)
    : services_(services),
      handoff_(
          {services.site.origin(services.site.sign_in_host), services.site.public_port},
          [this](
              std::string code, std::string host, crypto::Sha256Digest digest, http::Request request
          ) { return exchange_code(std::move(code), std::move(host), digest, std::move(request)); },
          services.moments.now().random
      ) {}

asio::awaitable<Result<Known>> SessionDoor::known(const http::Request& request) const {
    const auto digest = cookie_digest(request);
    if (!digest) co_return refuse(Refusal::unauthenticated, "session.missing");

    const Time now = services_.clock.now();
    auto session = services_.sessions.alive(*digest, now);
    if (!session) {
        const auto mark = services_.sessions.mark();
        auto look = [digest = *digest](store::Tx& tx) { return session::find(tx, digest); };
        auto found = co_await http::read(services_.database, std::move(look));
        if (!found || !session::check_alive(*found, now)) {
            co_return refuse(Refusal::unauthenticated, "session.ended");
        }
        session = std::make_shared<const session::Session>(*found);
        services_.sessions.put(*digest, *std::move(found), mark);
    }
    const bool here = session->channel == session::Channel::host && session->host == request.host;
    if (!here) co_return refuse(Refusal::unauthenticated, "session.missing");
    if (is_person_activity(request)) services_.sessions.touch(*digest, now);
    co_return Known{std::move(session), *digest};
}

asio::awaitable<bool> SessionDoor::notice_accepted(const session::Session& session) const {
    const auto policy = services_.policy.get();
    auto look = [&](store::Tx& tx) {
        return governance::notice_accepted(tx, session.account, policy->notice_version);
    };
    co_return co_await http::read(services_.database, std::move(look));
}

http::Response SessionDoor::ask(const http::Request& request, const Refusal& why) const {
    auto response = handoff_.begin(request);
    if (why.reason != "session.ended") return response;
    // Clear-Site-Data would take the handoff's own cookie, set by the same answer, with it. So the
    // browser forgets first and comes back for the handoff.
    const bool navigates = response.status == 303;
    response.headers.remove("Set-Cookie");
    if (navigates) {
        response.headers.set("Location", services_.site.origin(request.host) + request.target);
    }
    response.headers.set("Clear-Site-Data", "\"cache\", \"cookies\", \"storage\"");
    response.headers.add("Set-Cookie", http::expired_host_cookie(http::host_session_cookie));
    return response;
}

asio::awaitable<http::Response> SessionDoor::redeem(http::Request request) const {
    auto response = co_await handoff_.finish(request);
    constexpr int see_other = 303;
    // Whoever was here before, on a shared workstation, leaves nothing to the next.
    if (response.status == see_other) forget_device(request, response);
    co_return response;
}

asio::awaitable<Result<crypto::Secret>> SessionDoor::exchange_code(
    std::string code, std::string host, crypto::Sha256Digest nonce_digest, http::Request request
) const {
    SP_CO_TRY(const auto code_bytes, from_base64url(code));
    const auto moment = services_.moments.now();
    const auto mark = services_.sessions.mark();
    const auto policy = services_.policy.get();
    const auto where = where_from(request, *policy);
    const auto old = cookie_digest(request);
    auto work = [&](store::Tx& tx) -> Result<Redeemed> {
        const session::HandoffShown shown{code_bytes, host, nonce_digest};
        SP_TRY(
            const auto parent, session::redeem_handoff(tx, moment, shown, where, services_.repeats)
        );
        SP_TRY(auto opened, session::open_on_host(tx, moment, parent, host));
        std::optional<SessionId> replaced;
        if (const auto before = old ? session::find(tx, *old) : std::nullopt) {
            const auto by = actor_of(*before, request, *policy, moment.now);
            session::end(tx, moment, *before, session::EndCause::logout, by);
            replaced = before->id;
        }
        return Redeemed{std::move(opened), replaced};
    };
    SP_CO_TRY(auto redeemed, co_await http::write(services_.database, std::move(work)));
    if (redeemed.replaced) {
        services_.sessions.drop(*redeemed.replaced);
        services_.leases.cut_session(*redeemed.replaced, policy::CutCause::session_ended);
    }
    const auto digest = session::digest_of(redeemed.opened.token.expose());
    services_.sessions.put(digest, std::move(redeemed.opened.session), mark);
    co_return std::move(redeemed.opened.token);
}

audit::Where where_from(const http::Request& request, const policy::Policy& policy) {
    const auto zone = policy::segment_of(policy, request.peer).zone;
    return {request.peer, "gateway", "unregistered", zone};
}

audit::Actor actor_of(
    const session::Session& session,
    const http::Request& request,
    const policy::Policy& policy,
    Time now
) {
    audit::Actor actor;
    actor.who.person = session.person;
    actor.who.account = session.account;
    actor.who.account_name = session.login_name;
    actor.who.role = session.role;
    actor.where = where_from(request, policy);
    actor.factor = session.factor;
    actor.factor->age = now - session.last_proof_at;
    actor.session = session.id;
    actor.policy_version = policy.version;
    return actor;
}

void forget_device(const http::Request& request, http::Response& response) {
    response.headers.set("Clear-Site-Data", "\"cache\", \"storage\"");
    for (std::string_view field : request.headers.all("Cookie")) {
        while (!field.empty()) {
            const auto end = std::min(field.find(';'), field.size());
            const auto pair = http::trimmed(field.substr(0, end));
            field.remove_prefix(std::min(end + 1, field.size()));
            const auto name = http::trimmed(pair.substr(0, pair.find('=')));
            if (!http::is_token(name) || is_own_cookie(name)) continue;
            response.headers.add("Set-Cookie", std::string(name) + "=; Path=/; Secure; Max-Age=0");
        }
    }
}

}  // namespace sallyport::gateway
