#include "edge/api/handoff_routes.h"

#include "domain/directory/device.h"
#include "domain/governance/notice.h"
#include "domain/session/handoff.h"
#include "domain/session/sender_key.h"
#include "edge/api/answers.h"
#include "edge/api/pages/handoff_page.h"
#include "edge/http/handoff.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <utility>

namespace sallyport::api {

namespace {

using policy::Permission;

constexpr std::string_view proof_path = "/api/handoff";

class HandoffHandlers {
public:
    explicit HandoffHandlers(Services& services) : services_(services) {}

    // The browser was sent here by a device's host that does not know it yet.
    Result<Reply> offer(store::Tx& tx, const Call& call) const {
        SP_TRY(const auto target, target_of(tx, call.request));
        if (!notice_accepted(tx, call)) {
            Reply reply;
            reply.location = "/notice?next=" + http::percent_encoded(call.request.target);
            return reply;
        }
        SP_TRY(
            auto challenge,
            session::offer_handoff(tx, call.moment, services_.keys, *call.session, target)
        );
        auto reply = answer({
            {"challenge", to_base64url(challenge)},
            {"host", target.host},
            {"nonce", to_base64url(target.nonce_digest)},
        });
        const HandoffOffer offered{
            .target = target,
            .challenge = std::move(challenge),
            .sender_key = session::sender_key_of(tx, call.session->id).value(),
            .address = call.request.target,
            .action = std::string(proof_path) + "?" + call.request.query,
        };
        reply.page = handoff_page(offered, *call.session);
        return reply;
    }

    Result<Reply> issue(store::Tx& tx, const Call& call) const {
        SP_TRY(auto target, target_of(tx, call.request));
        SP_TRY(
            auto proof,
            session::parse_handoff_proof(call.input.text("challenge"), call.input.text("signature"))
        );
        if (!notice_accepted(tx, call)) return refuse(Refusal::denied, "notice.not_accepted");
        const session::HandoffSite site{.keys = services_.keys, .origin = services_.site.origin()};
        const session::HandoffAsked asked{.target = std::move(target), .proof = std::move(proof)};
        SP_TRY(
            const auto code,
            session::issue_handoff(tx, call.moment, site, *call.session, asked, call.actor)
        );
        const auto address = http::handoff_return_address(
            asked.target.host, services_.site.port, to_base64url(code.expose())
        );
        return done({{"address", address}}, address);
    }

private:
    static bool notice_accepted(store::Tx& tx, const Call& call) {
        return governance::notice_accepted(tx, call.session->account, call.policy.notice_version);
    }

    // Only a device's own host is handed a session.
    Result<session::HandoffTarget> target_of(store::Tx& tx, const http::Request& request) const {
        SP_TRY(auto ask, http::parse_handoff_ask(request));
        const auto suffix = "." + services_.site.device_suffix;
        if (!ask.host.ends_with(suffix)) return refuse(Refusal::not_found, "device.unknown");
        const auto label = ask.host.substr(0, ask.host.size() - suffix.size());
        const auto name = directory::DeviceName::parse(label);
        if (!name || !directory::find_device(tx, *name)) {
            return refuse(Refusal::not_found, "device.unknown");
        }
        return session::HandoffTarget{
            .host = std::move(ask.host), .nonce_digest = ask.nonce_digest
        };
    }

    Services& services_;
};

}  // namespace

std::vector<Route> handoff_routes(Services& services) {
    const auto handlers = std::make_shared<HandoffHandlers>(services);
    std::vector<Route> routes;
    routes.push_back(
        {.method = "GET",
         .path = http::handoff_ask_path,
         .access = Access::session,
         .permission = Permission::self_read,
         .event = "-",
         .handler =
             [handlers](store::Tx& tx, const Call& call) { return handlers->offer(tx, call); }}
    );
    routes.push_back(
        {.method = "POST",
         .path = proof_path,
         .access = Access::session,
         .permission = Permission::self_read,
         .event = "handoff.issued",
         .kind = Kind::write,
         .handler =
             [handlers](store::Tx& tx, const Call& call) { return handlers->issue(tx, call); }}
    );
    return routes;
}

}  // namespace sallyport::api
