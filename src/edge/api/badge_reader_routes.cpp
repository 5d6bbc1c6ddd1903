#include "edge/api/badge_reader_routes.h"

#include "domain/authn/badge/badge_reader.h"
#include "domain/authn/badge/badge_uid.h"
#include "domain/authn/badge/card_proof.h"
#include "domain/session/badge_sessions.h"
#include "edge/api/answers.h"
#include "edge/api/pages/layout.h"
#include "edge/api/workstation_routes.h"
#include "edge/http/url_token.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <utility>

namespace sallyport::api {

namespace {

using directory::WorkstationId;
using policy::Permission;

nlohmann::json to_json(const authn::BadgeReader& reader) {
    return {
        {"workstation", reader.workstation.name},
        {"mode", authn::to_text(reader.mode)},
    };
}

// A program, by the token in its Authorization header.
Result<authn::BadgeReader> reader_of(store::Tx& tx, const http::Request& request) {
    constexpr std::string_view scheme = "Bearer ";
    const auto given = request.headers.only("authorization").value_or("");
    const auto token = http::parse_token(
        given.starts_with(scheme) ? given.substr(scheme.size()) : std::string_view()
    );
    if (!token) return refuse(Refusal::unauthenticated, "badge_reader.unknown");
    return authn::find_reader(tx, token->expose());
}

void cut(Reply& reply, const std::vector<SessionId>& sessions) {
    for (const auto& session : sessions) {
        reply.after.ended_sessions.emplace_back(session, policy::CutCause::session_ended);
    }
}

std::string_view to_text(session::TapOutcome outcome) {
    switch (outcome) {
        case session::TapOutcome::asks_for_pin:
            return "asks_for_pin";
        case session::TapOutcome::locked:
            return "locked";
        case session::TapOutcome::not_proven:
            return "not_proven";
        case session::TapOutcome::unknown:
            return "unknown";
    }
    return "unknown";
}

Result<Reply> issue_ticket(store::Tx& tx, const Call& call) {
    SP_TRY(const auto id, path_id<WorkstationId>(call, 0));
    SP_TRY(const auto wanted, call.input.required("mode"));
    SP_TRY(const auto mode, authn::reader_mode(wanted));
    SP_TRY(const auto ticket, authn::issue_reader_ticket(tx, call.moment, id, mode, call.actor));
    const auto code = as_text(ticket.expose());
    auto reply = answer({{"ticket", code}, {"mode", authn::to_text(mode)}}, 201);
    const Html body(
        "<p>At the workstation, within 15 minutes, run <code>sallyport badge register</code> and "
        "type this when it asks. It is shown this once and works once.</p><p><code id=\"ticket\">",
        code,
        "</code></p><p><a class=\"button\" href=\"/workstations\">Done</a></p>"
    );
    reply.page = page("A badge reader's ticket", body, call.session, &call.policy);
    return reply;
}

Result<Reply> register_reader(store::Tx& tx, const Call& call) {
    SP_TRY(const auto ticket, call.input.secret("ticket"));
    SP_TRY(
        const auto made,
        authn::register_reader(tx, call.moment, as_text(ticket.expose()), call.actor.where)
    );
    auto json = to_json(made.reader);
    json["token"] = http::token_text(made.token);
    return answer(json, 201);
}

Result<Reply> show_reader(store::Tx& tx, const Call& call) {
    SP_TRY(const auto reader, reader_of(tx, call.request));
    return answer(to_json(reader));
}

Handler show_challenge(const Services& services) {
    return [&services](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(const auto reader, reader_of(tx, call.request));
        const auto challenge = authn::tap_challenge(services.keys, call.moment, reader);
        return answer({{"challenge", to_hex(challenge)}});
    };
}

// A card without a key has no proof, and none of its members is there.
Result<std::optional<authn::CardProof>> proof_in(const Input& input) {
    const bool given = input.has("challenge") || input.has("certificate") || input.has("signature");
    if (!given) return std::nullopt;
    SP_TRY(
        auto proof,
        authn::parse_card_proof(
            input.text("challenge"), input.text("certificate"), input.text("signature")
        )
    );
    return proof;
}

Handler take_tap(const Services& services) {
    return [&services](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(const auto reader, reader_of(tx, call.request));
        SP_TRY(const auto hex, call.input.required("uid"));
        authn::CardSeen card;
        SP_TRY(card.uid, authn::parse_badge_uid(hex));
        SP_TRY(card.proof, proof_in(call.input));
        SP_TRY(
            const auto tapped,
            session::badge_tapped(tx, call.moment, services.keys, reader, card, call.actor.where)
        );
        auto reply = answer({{"outcome", to_text(tapped.outcome)}});
        cut(reply, tapped.locked);
        return reply;
    };
}

Result<Reply> take_removal(store::Tx& tx, const Call& call) {
    SP_TRY(const auto reader, reader_of(tx, call.request));
    const auto locked = session::badge_removed(tx, call.moment, reader, call.actor.where);
    auto reply = answer({{"locked", locked.size()}});
    cut(reply, locked);
    return reply;
}

Route from_reader(std::string_view path, std::string_view event, Handler handler) {
    return {
        .method = "POST",
        .path = path,
        .access = Access::open,
        .event = event,
        .kind = Kind::write,
        .handler = std::move(handler),
        // It takes access away, or asks for a PIN.
        .in_alarm = InAlarm::allowed,
    };
}

}  // namespace

bool has_badge_reader(store::Tx& tx, const http::Request& request, Time now) {
    const auto here = workstation_of(tx, request, now);
    return here && authn::reader_mode_at(tx, here->id);
}

std::vector<Route> badge_reader_routes(Services& services) {
    std::vector<Route> routes;
    routes.push_back(
        {.method = "POST",
         .path = "/api/workstations/{id}/badge-reader",
         .access = Access::session,
         .permission = Permission::user_manage,
         .step_up = StepUp::yes,
         .event = "workstation.reader_ticket_issued",
         .kind = Kind::write,
         .handler = issue_ticket}
    );
    routes.push_back(
        {.method = "GET",
         .path = "/api/badge-reader",
         .access = Access::open,
         .event = "-",
         .handler = show_reader,
         .activity = Activity::background}
    );
    routes.push_back(
        {.method = "GET",
         .path = "/api/badge-reader/challenge",
         .access = Access::open,
         .event = "-",
         .handler = show_challenge(services),
         .activity = Activity::background}
    );
    routes.push_back(
        from_reader("/api/badge-reader", "workstation.reader_registered", register_reader)
    );
    routes.back().in_alarm = InAlarm::refused;
    routes.push_back(from_reader("/api/badge-reader/tap", "badge.tapped", take_tap(services)));
    routes.push_back(from_reader("/api/badge-reader/removal", "badge.removed", take_removal));
    return routes;
}

}  // namespace sallyport::api
