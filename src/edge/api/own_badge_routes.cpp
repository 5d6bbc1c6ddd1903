#include "edge/api/own_badge_routes.h"

#include "base/crypto/crypto.h"
#include "domain/authn/badge/badge_pin.h"
#include "domain/authn/badge/own_badges.h"
#include "edge/api/answers.h"
#include "edge/api/badge_reader_routes.h"
#include "edge/api/pages/badge_pages.h"
#include "edge/api/workstation_routes.h"
#include "edge/http/await.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace sallyport::api {

namespace {

namespace asio = boost::asio;

using policy::Permission;

constexpr std::string_view page_path = "/security/badge";

Result<Reply> show(store::Tx& tx, const Call& call) {
    const auto badges = authn::list_own_badges(tx, call.session->account);
    const auto here = workstation_of(tx, call.request, call.moment.now);
    std::optional<authn::BadgeTap> tap;
    if (here) {
        if (auto found = authn::pending_tap(tx, here->id, call.moment.now)) tap = *std::move(found);
    }
    auto reply = answer({{"tap", tap ? nlohmann::json(tap->id.text()) : nlohmann::json()}});
    reply.page = own_badge_page(
        {.session = *call.session,
         .policy = call.policy,
         .now = call.moment.now,
         .at_reader = has_badge_reader(tx, call.request, call.moment.now),
         .tap = tap ? &*tap : nullptr,
         .badges = badges}
    );
    return reply;
}

class BadgeForms {
public:
    BadgeForms(Services& services, const authn::Context& authn, http::WorkPool& pool)
        : services_(services), authn_(authn), pool_(pool) {}

    asio::awaitable<Result<Reply>> bind(LongCall call) const {
        const authn::NewBadge wanted{
            .label = call.input.text("label"),
            .tap = authn::BadgeTapId::parse(call.input.text("tap"))
                       .value_or(authn::BadgeTapId::from_bytes({})),
        };
        const auto account = call.session->account;
        const auto policy = services_.policy.get();
        const auto check = [&](store::Tx& tx,
                               const Moment& moment) -> Result<directory::Workstation> {
            auto here = workstation_of(tx, call.request, moment.now);
            if (!here) return refuse(Refusal::conflict, "badge.no_workstation");
            SP_CHECK(authn::check_new_badge(tx, moment, *policy, {account, here->id}, wanted));
            return *std::move(here);
        };
        // Before the hash, which is not made for what would be refused.
        const auto begun_at = services_.moments.now();
        auto look = [&](store::Tx& tx) { return check(tx, begun_at); };
        SP_CO_TRY(const auto here, co_await http::read(services_.database, std::move(look)));
        SP_CO_TRY(const auto verifier, co_await verifier_of(call));

        const auto moment = services_.moments.now();
        auto keep = [&](store::Tx& tx) -> Result<AuthenticatorId> {
            return authn::bind_badge(
                tx, moment, *policy, {account, here.id}, wanted, verifier, call.actor
            );
        };
        SP_CO_TRY(const auto id, co_await http::write(services_.database, std::move(keep)));
        co_return done({{"id", id.text()}}, std::string(page_path), 201);
    }

    asio::awaitable<Result<Reply>> change_pin(LongCall call) const {
        const auto id = AuthenticatorId::parse(call.path_values.at(0));
        if (!id) co_return refuse(Refusal::not_found, "authenticator.unknown");
        SP_CO_TRY(const auto verifier, co_await verifier_of(call));
        const auto moment = services_.moments.now();
        auto keep = [&](store::Tx& tx) {
            return authn::change_badge_pin(
                tx, moment, call.session->account, *id, verifier, call.actor
            );
        };
        const auto kept = co_await http::write(services_.database, std::move(keep));
        if (!kept) co_return std::unexpected(kept.error());
        co_return done({{"id", id->text()}}, std::string(page_path));
    }

private:
    // Refuses what check_new_badge_pin() does, and invalid "badge.pins_differ".
    asio::awaitable<Result<std::string>> verifier_of(const LongCall& call) const {
        SP_CO_TRY(const auto pin, call.input.secret("pin"));
        if (call.input.has("repeated") || !call.input.is_json()) {
            SP_CO_TRY(const auto repeated, call.input.secret("repeated"));
            if (!crypto::constant_time_equal(pin, repeated)) {
                co_return refuse(Refusal::invalid, "badge.pins_differ");
            }
        }
        const auto checked = authn::check_new_badge_pin(pin);
        if (!checked) co_return std::unexpected(checked.error());
        auto hash = [&] { return authn::make_pin_verifier(authn_.keys, pin); };
        co_return co_await http::run_on(pool_, std::move(hash));
    }

    Services& services_;
    const authn::Context& authn_;
    http::WorkPool& pool_;
};

Route changing(std::string_view path, std::string_view event, LongHandler handler) {
    return {
        .method = "POST",
        .path = path,
        .access = Access::session,
        .permission = Permission::self_manage,
        .step_up = StepUp::yes,
        .event = event,
        .kind = Kind::write,
        .long_handler = std::move(handler),
    };
}

}  // namespace

std::vector<Route> own_badge_routes(
    Services& services, const authn::Context& authn, http::WorkPool& pool
) {
    const auto forms = std::make_shared<BadgeForms>(services, authn, pool);
    std::vector<Route> routes;
    routes.push_back(
        {.method = "GET",
         .path = page_path,
         .access = Access::session,
         .permission = Permission::self_read,
         .event = "-",
         .handler = show,
         // It looks again by itself, which keeps nobody signed in.
         .activity = Activity::background}
    );
    routes.push_back(changing(
        "/api/self/authenticators/badge",
        "cred.bound",
        [forms](LongCall call) { return forms->bind(std::move(call)); }
    ));
    routes.push_back(changing(
        "/api/self/authenticators/{id}/pin",
        "cred.pin_set",
        [forms](LongCall call) { return forms->change_pin(std::move(call)); }
    ));
    return routes;
}

}  // namespace sallyport::api
