#pragma once
// Administrators say where a person is written to. Whoever decides that could be sent the person's
// recovery code, so the old address is told and the new one rests (directory/person_mail.h).

#include "base/core/id.h"
#include "base/core/mail_address.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/directory/account.h"
#include "domain/policy/permit.h"
#include "domain/policy/policy.h"

#include <optional>

namespace sallyport::governance {

// None takes the address away. Refuses what administrable_account() refuses (user_admin.h),
// conflict "user.deleted", "mail_address.same". Writes user.modified.
[[nodiscard]] Result<directory::Account> change_person_mail(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const policy::Permit& permit,
    const AccountId& account,
    const std::optional<MailAddress>& address,
    const audit::Actor& actor
);

}  // namespace sallyport::governance
