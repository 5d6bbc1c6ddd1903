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

Delivery ApiBadgeServer::tap(BytesView uid, std::string& said) {
    return post("/api/badge-reader/tap", {{"uid", to_hex(uid)}}, said);
}

Delivery ApiBadgeServer::removal(std::string& said) {
    return post("/api/badge-reader/removal", nlohmann::json::object(), said);
}

Delivery ApiBadgeServer::post(
    std::string_view path, const nlohmann::json& body, std::string& said
) {
    ApiAnswer answer;
    try {
        answer = client_.call("POST", path, &body);
    } catch (const Fault& fault) {
        // Not reached, or not the server that its certificate should name: nothing was told.
        said = fault.what();
        return Delivery::away;
    }
    if (answer.status < success_end) {
        const auto json = nlohmann::json::parse(answer.body, nullptr, false);
        const bool tapped = json.is_object() && json.contains("outcome");
        said = tapped ? "card told: " + json.value("outcome", "") : "card gone: told";
        return Delivery::done;
    }
    said = refusal_text(answer);
    if (answer.status >= first_server_error) return Delivery::away;
    return answer.status == unauthorized ? Delivery::unregistered : Delivery::refused;
}

}  // namespace sallyport::cli
