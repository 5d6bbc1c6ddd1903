#pragma once
// What a policy says, in words for whoever reads or approves it: the console's page and the command
// line say the same.

#include "domain/policy/context.h"
#include "domain/policy/policy.h"
#include "domain/policy/risk.h"
#include "domain/policy/strength.h"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport::policy {

// What has to be shown: "two factors, such as a passphrase and the code of an app".
[[nodiscard]] std::string_view strength_words(Strength strength) noexcept;
// The class and whom its holders could harm.
[[nodiscard]] std::string_view risk_words(Risk risk) noexcept;
// "15 minutes", "8 hours", "90 seconds": the largest unit that it is a whole number of.
[[nodiscard]] std::string duration_words(std::chrono::seconds duration);
// What is enough until when, why, and who answers for it.
[[nodiscard]] std::string exception_words(const StrengthException& exception);
// The register's entry of one role, a label and its text each; what is empty is left out (S0-48).
// `role`: as CurrentPolicy gives it, with what is demanded now.
[[nodiscard]] std::vector<std::pair<std::string_view, std::string>> role_words(const RoleRules& role
);
// "Everybody on a device that is not in order can only look after their own account."
[[nodiscard]] std::string rule_words(const ContextRule& rule);
// What the posture and place that rules speak of mean in this policy, a sentence each.
[[nodiscard]] std::vector<std::string> context_words(const ContextRules& context);

}  // namespace sallyport::policy
