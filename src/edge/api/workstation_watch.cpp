#include "edge/api/workstation_watch.h"

#include "domain/authn/badge/badge_tap.h"
#include "edge/api/answers.h"
#include "edge/api/badge_reader_routes.h"
#include "edge/api/held_place.h"
#include "edge/api/router.h"
#include "edge/api/workstation_routes.h"
#include "edge/http/await.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace sallyport::api {

namespace asio = boost::asio;

namespace {

struct Seen {
    bool reader = false;
    bool locked = false;
};

Seen look(store::Tx& tx, const http::Request& request, Time now) {
    const auto text = http::cookie(request, session_cookie);
    const auto digest = text ? token_digest(*text) : std::nullopt;
    const auto session = digest ? session::find(tx, *digest) : std::nullopt;
    return {
        .reader = has_badge_reader(tx, request, now),
        .locked = !session || !session::check_alive(*session, now),
    };
}

struct Tapped {
    bool reader = false;
    std::string tap;  // its id; empty: none
};

Tapped look_for_tap(store::Tx& tx, const http::Request& request, Time now) {
    Tapped seen{.reader = has_badge_reader(tx, request, now), .tap = {}};
    const auto here = workstation_of(tx, request, now);
    if (!seen.reader || !here) return seen;
    if (const auto tap = authn::pending_tap(tx, here->id, now)) seen.tap = tap->id.text();
    return seen;
}

}  // namespace

asio::awaitable<Result<Reply>> WorkstationWatch::wait(LongCall call) {
    const HeldPlace place(held_, held_max);
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (int looks = 1;; ++looks) {
        const auto now = services_.moments.now().now;
        auto work = [&call, now](store::Tx& tx) { return look(tx, call.request, now); };
        const auto seen = co_await http::read(services_.database, std::move(work));
        const bool held = seen.reader && place.is_free();
        if (seen.locked || !held || looks >= looks_max) {
            co_return answer({{"locked", seen.locked}, {"reader", seen.reader}, {"held", held}});
        }
        timer.expires_after(look_again);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

asio::awaitable<Result<Reply>> WorkstationWatch::wait_for_tap(LongCall call) {
    const HeldPlace place(held_, held_max);
    const auto before = call.input.text("seen");
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (int looks = 1;; ++looks) {
        const auto now = services_.moments.now().now;
        auto work = [&call, now](store::Tx& tx) { return look_for_tap(tx, call.request, now); };
        const auto seen = co_await http::read(services_.database, std::move(work));
        const bool held = seen.reader && place.is_free();
        const bool changed = seen.tap != before;
        if (changed || !held || looks >= looks_max) {
            co_return answer({{"changed", changed}, {"reader", seen.reader}, {"held", held}});
        }
        timer.expires_after(look_again);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

}  // namespace sallyport::api
