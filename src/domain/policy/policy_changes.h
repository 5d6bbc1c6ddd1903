#pragma once
// What another policy would change, in words, for whoever proposes it and whoever approves it.

#include "domain/policy/policy.h"

#include <string>
#include <vector>

namespace sallyport::policy {

struct PolicyChange {
    std::string about;  // "role engineer", "zone ward-3", "the policy"
    std::string what;   // "idle time"
    std::string from;   // "15 minutes"; "none" where there was nothing
    std::string to;
    // Asks less of somebody, or lets them do more or for longer. What can't be told counts as that.
    bool weaker = false;

    friend bool operator==(const PolicyChange&, const PolicyChange&) = default;
};

// Every member that differs is in it; of lists of permissions, each permission by itself.
[[nodiscard]] std::vector<PolicyChange> changes_between(const Policy& from, const Policy& to);

}  // namespace sallyport::policy
