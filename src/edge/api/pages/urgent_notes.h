#pragma once
// What a person is urged to do before they lose something: a second authenticator, and a second
// administrator beside the only one.

#include "base/store/tx.h"
#include "domain/policy/policy.h"
#include "domain/session/session.h"
#include "edge/api/pages/html.h"

namespace sallyport::api {

// Empty once two are bound that suffice for the account's role.
[[nodiscard]] Html second_authenticator_note(
    store::Tx& tx, const policy::Policy& policy, const session::Session& session, Time now
);

// Empty for anybody but the only active administrator of a scope.
[[nodiscard]] Html only_administrator_note(
    store::Tx& tx, const policy::Policy& policy, const session::Session& session
);

}  // namespace sallyport::api
