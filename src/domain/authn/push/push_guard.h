#pragma once
// Who is asked too often is not asked again (S1-25; SP 800-63B-4 §3.1.3): the third question in ten
// minutes that ends without an approval suspends the account's phones. Their holder resumes them.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/store/tx.h"
#include "domain/authn/push/push_alert.h"
#include "domain/directory/account.h"

#include <chrono>
#include <cstdint>
#include <optional>

namespace sallyport::authn {

inline constexpr std::chrono::minutes push_window{10};
// Questions within push_window that nobody approved; the last of them suspends push.
inline constexpr int push_unapproved_max = 3;

// Those of the account that ended so, since its phones were last suspended here.
[[nodiscard]] std::int64_t unapproved_pushes(store::Tx& tx, const AccountId& account, Time now);

// To be asked whenever a question ended. At the limit suspends the account's usable phones and
// tells the person; the count begins anew, so that a phone which is resumed is asked again. Writes
// cred.suspended.
[[nodiscard]] std::optional<PushAlert> guard_phones(
    store::Tx& tx, const Moment& moment, const directory::Account& account
);

}  // namespace sallyport::authn
