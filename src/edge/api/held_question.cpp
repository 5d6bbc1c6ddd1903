#include "edge/api/held_question.h"

#include "domain/authn/push/push_attempt.h"
#include "domain/authn/push/push_store.h"
#include "edge/api/answers.h"
#include "edge/api/flow_cookie.h"
#include "edge/api/held_place.h"
#include "edge/api/pages/layout.h"
#include "edge/api/phone_routes.h"
#include "edge/http/await.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include <optional>
#include <utility>

namespace sallyport::api {

namespace asio = boost::asio;

namespace {

struct Seen {
    std::optional<authn::PushPrompt> prompt;
    bool wakes;
};

nlohmann::json to_json(const std::optional<authn::PushPrompt>& prompt) {
    if (!prompt) return nullptr;
    return {
        {"attempt", prompt->attempt.text()},
        {"application", prompt->application},
        {"place", prompt->place},
        {"asked_at", to_text(prompt->asked_at)},
        {"time", shown(prompt->asked_at)},
        {"ends_at", to_text(prompt->ends_at)},
    };
}

}  // namespace

asio::awaitable<Result<Reply>> HeldQuestion::wait(LongCall call) {
    SP_CO_TRY(const auto token, phone_token(call.request));
    const HeldPlace place(held_, held_max);
    const bool may_wait = place.is_free() && call.input.text("wait") == "1";
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (int looks = 1;; ++looks) {
        const auto moment = services_.moments.now();
        auto look = [&token, &moment](store::Tx& tx) -> Result<Seen> {
            SP_TRY(auto prompt, authn::push_prompt(tx, moment, token));
            return Seen{.prompt = std::move(prompt), .wakes = authn::has_subscription(tx, token)};
        };
        const auto seen = co_await http::read(services_.database, std::move(look));
        if (!seen) co_return std::unexpected(seen.error());
        if (seen->prompt || !may_wait || looks >= looks_max) {
            co_return answer({{"prompt", to_json(seen->prompt)}, {"wakes", seen->wakes}});
        }
        timer.expires_after(look_again);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

}  // namespace sallyport::api
