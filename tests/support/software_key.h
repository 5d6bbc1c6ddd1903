#pragma once
// A security key in software, with the browser around it: takes the options that our pages give to
// navigator.credentials and answers as assets/security_key.js does. For tests.

#include "tests/support/webauthn_ceremony.h"

#include <nlohmann/json.hpp>

#include <functional>
#include <string>
#include <utility>

namespace sallyport::test {

class SoftwareKey {
public:
    // `origin`: of the page that it is used on.
    explicit SoftwareKey(std::string origin) : origin_(std::move(origin)) {}

    // navigator.credentials.create().
    [[nodiscard]] nlohmann::json create(const nlohmann::json& options);

    // What it says of itself from now on; by default nothing.
    void attest_by(std::function<Statement(const CeremonyPlan&)> attest) {
        attest_ = std::move(attest);
    }

    // navigator.credentials.get().
    [[nodiscard]] nlohmann::json get(const nlohmann::json& options);

    [[nodiscard]] const Bytes& credential_id() const noexcept { return plan_.credential_id; }

    // The plan of its ceremonies, for a test that makes one of them dishonest.
    CeremonyPlan& plan() noexcept { return plan_; }

private:
    std::string origin_;
    std::string user_handle_;
    std::function<Statement(const CeremonyPlan&)> attest_ = [](const CeremonyPlan&) {
        return Statement{};
    };
    CeremonyPlan plan_;
};

}  // namespace sallyport::test
