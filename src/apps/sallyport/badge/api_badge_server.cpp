#include "apps/sallyport/badge/api_badge_server.h"

#include "base/core/fault.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace sallyport::cli {

namespace {

constexpr int success_end = 300;
constexpr int unauthorized = 401;
constexpr int first_server_error = 500;

}  // namespace

Delivery ApiBadgeServer::tap(const authn::CardSeen& card, std::string& said) {
    nlohmann::json body{{"uid", to_hex(card.uid)}};
    if (card.proof) {
        body["challenge"] = to_hex(card.proof->challenge);
        body["certificate"] = to_hex(card.proof->certificate);
        body["signature"] = to_hex(card.proof->signature);
    }
    nlohmann::json json;
    const auto delivery = ask("POST", "/api/badge-reader/tap", &body, json, said);
    if (delivery == Delivery::done) said = "card told: " + json.value("outcome", "");
    return delivery;
}

Delivery ApiBadgeServer::challenge(Bytes& challenge, std::string& said) {
    nlohmann::json json;
    const auto delivery = ask("GET", "/api/badge-reader/challenge", nullptr, json, said);
    if (delivery != Delivery::done) return delivery;
    const auto made = from_hex(json.value("challenge", ""));
    if (!made || made->empty() || made->size() > authn::card_challenge_max) {
        said = "the server's challenge can't be read";
        return Delivery::refused;
    }
    challenge = *made;
    return Delivery::done;
}

Delivery ApiBadgeServer::removal(std::string& said) {
    const auto body = nlohmann::json::object();
    nlohmann::json json;
    const auto delivery = ask("POST", "/api/badge-reader/removal", &body, json, said);
    if (delivery == Delivery::done) said = "card gone: told";
    return delivery;
}

Delivery ApiBadgeServer::ask(
    std::string_view method,
    std::string_view path,
    const nlohmann::json* body,
    nlohmann::json& json,
    std::string& said
) {
    ApiAnswer answer;
    try {
        answer = client_.call(method, path, body);
    } catch (const Fault& fault) {
        // Not reached, or not the server that its certificate should name: nothing was told.
        said = fault.what();
        return Delivery::away;
    }
    if (answer.status < success_end) {
        json = nlohmann::json::parse(answer.body, nullptr, false);
        if (!json.is_object()) json = nlohmann::json::object();
        return Delivery::done;
    }
    said = refusal_text(answer);
    if (answer.status >= first_server_error) return Delivery::away;
    return answer.status == unauthorized ? Delivery::unregistered : Delivery::refused;
}

}  // namespace sallyport::cli
