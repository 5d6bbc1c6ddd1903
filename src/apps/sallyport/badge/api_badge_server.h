#pragma once
// The server as the badge agent sees it, over the API.

#include "apps/sallyport/api_client.h"
#include "apps/sallyport/badge/badge_agent.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace sallyport::cli {

class ApiBadgeServer final : public BadgeServer {
public:
    // `client` must outlive it.
    explicit ApiBadgeServer(ApiClient& client) : client_(client) {}

    [[nodiscard]] Delivery tap(const authn::CardSeen& card, std::string& said) override;
    [[nodiscard]] Delivery challenge(Bytes& challenge, std::string& said) override;
    [[nodiscard]] Delivery removal(std::string& said) override;

private:
    // `json`: of a success.
    [[nodiscard]] Delivery ask(
        std::string_view method,
        std::string_view path,
        const nlohmann::json* body,
        nlohmann::json& json,
        std::string& said
    );

    ApiClient& client_;
};

}  // namespace sallyport::cli
