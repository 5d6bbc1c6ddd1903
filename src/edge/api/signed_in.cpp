#include "edge/api/signed_in.h"

#include "domain/authn/compromised_passphrase.h"
#include "domain/session/badge_sessions.h"
#include "domain/session/sender_key.h"
#include "domain/session/unlock.h"
#include "edge/api/answers.h"
#include "edge/api/flow_cookie.h"
#include "edge/api/passphrase_change_routes.h"
#include "edge/api/router.h"
#include "edge/api/workstation_routes.h"
#include "edge/http/set_cookie.h"
#include "edge/http/url_token.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <utility>

namespace sallyport::api {

namespace {

// A browser of a workstation may still hold the session of whoever was there before.
session::Switched note_switch(
    store::Tx& tx, const Call& call, const session::Session& opened, const audit::Where& where
) {
    const auto text = http::cookie(call.request, session_cookie);
    const auto before = text ? token_digest(*text) : std::nullopt;
    return session::note_switch(tx, call.moment, before, opened, where);
}

}  // namespace

Result<std::optional<Bytes>> sender_key_in(const Input& input) {
    const auto text = input.text("sender_key");
    if (text.empty()) return std::nullopt;
    SP_TRY(auto spki, session::parse_sender_key(text));
    return spki;
}

session::Channel channel_of(const Input& input) {
    return input.is_json() && input.text("channel") == "cli" ? session::Channel::cli
                                                             : session::Channel::web;
}

nlohmann::json session_json(const session::Opened& opened, session::Channel channel) {
    nlohmann::json json{
        {"login_name", opened.session.login_name},
        {"role", opened.session.role},
        {"ends_at", to_text(opened.session.ends_at)},
        {"csrf", opened.session.csrf_key},
    };
    if (channel == session::Channel::cli) json["token"] = http::token_text(opened.token);
    return json;
}

Reply signed_in(session::Opened opened, session::Channel channel, std::string_view next) {
    auto reply = done(session_json(opened, channel), safe_next(next));
    give_session(reply, opened, channel == session::Channel::cli);
    reply.cookies.push_back(http::expired_host_cookie(sign_in_cookie));
    return reply;
}

Result<Reply> open_session(store::Tx& tx, const Call& call, authn::AuthenticationProof proof) {
    SP_TRY(const auto sender_key, sender_key_in(call.input));
    return open_session(tx, call, std::move(proof), sender_key);
}

Result<Reply> open_session(
    store::Tx& tx,
    const Call& call,
    authn::AuthenticationProof proof,
    const std::optional<Bytes>& sender_key
) {
    if (authn::passphrase_change_due(tx, proof.account())) {
        return begin_passphrase_change(tx, call.moment, std::move(proof), call.actor.where);
    }
    const auto channel = channel_of(call.input);
    const auto workstation = workstation_of(tx, call.request, call.moment.now);
    const auto where = with_workstation(tx, call.request, call.actor.where, call.moment.now);
    SP_TRY(
        auto opened, session::open(tx, call.moment, call.policy, std::move(proof), where, channel)
    );
    if (sender_key) session::bind_sender_key(tx, call.moment, opened, *sender_key);
    session::Switched switched;
    if (workstation) {
        session::note_workstation(tx, call.policy, opened.session, *workstation);
        switched = note_switch(tx, call, opened.session, where);
    }
    // Where the person before was is not for the next to see.
    const auto next = switched.from_another ? std::string() : call.input.text("next");
    auto reply = signed_in(std::move(opened), channel, next);
    // The key that the browser has just made is kept there too; drafts its pages forget by person.
    reply.clears_site = switched.from_another && !sender_key;
    for (const auto& id : switched.locked) {
        reply.after.ended_sessions.emplace_back(id, policy::CutCause::session_ended);
    }
    end_session_before(tx, call.moment, call.session, call.actor, reply.after);
    return reply;
}

Result<Reply> renew_session(
    store::Tx& tx,
    const Moment& moment,
    const session::Session& session,
    authn::AuthenticationProof proof,
    const audit::Where& where,
    std::string_view next
) {
    SP_TRY(auto renewed, session::renew_proof(tx, moment, session, std::move(proof), where));
    auto reply = done(session_json(renewed, session.channel), safe_next(next));
    give_session(reply, renewed, session.channel == session::Channel::cli);
    reply.after.rotated_sessions.push_back(session.id);
    return reply;
}

Result<Reply> renew_session(store::Tx& tx, const Call& call, authn::AuthenticationProof proof) {
    const auto next = call.input.text("next");
    return renew_session(tx, call.moment, *call.session, std::move(proof), call.actor.where, next);
}

}  // namespace sallyport::api
