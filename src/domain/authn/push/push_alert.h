#pragma once
// What questions to a phone give away: somebody else is at an account's sign-in. Whose task it is
// to look is not known in this room: each function here that returns alerts leaves it to its caller
// to raise them in the same transaction (governance/push_alarm.h).

#include "base/core/id.h"

#include <cstdint>
#include <string>

namespace sallyport::authn {

enum class PushAlertKind : std::uint8_t {
    reported,  // "it wasn't me"
    bombing,   // questions without an approval; the account's phones are suspended now
};

struct PushAlert {
    PushAlertKind kind;
    AccountId account;
    std::string login_name;
};

}  // namespace sallyport::authn
