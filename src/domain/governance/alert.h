#pragma once
// Something that somebody has to look at now: an alert in the log, for whoever watches it, and a
// notice on the pages of those whose task it is.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/store/tx.h"
#include "domain/authn/person_notice.h"
#include "domain/policy/permission.h"
#include "domain/policy/policy.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::governance {

inline constexpr std::size_t alerted_max = 100;  // people of one role

struct Alert {
    std::string_view rule;      // "recovery.host"
    std::string_view severity;  // "high", "critical"
    std::string object;         // "account:0193…"
    // Who gets the notice: the active holders of this permission, `besides` left out.
    policy::Permission whose_task;
    std::optional<AccountId> besides;
    // Only those who reach accounts of this scope; none: whichever scope they are of.
    std::optional<std::string> scope = std::nullopt;
    authn::NoticeKind notice;
    std::string subject;  // of the notice
};

// Writes detect.alert. Returns how many people have a notice.
std::size_t raise_alert(
    store::Tx& tx, const Moment& moment, const policy::Policy& policy, const Alert& alert
);

}  // namespace sallyport::governance
