#pragma once
// Where a person is written to. Administrators set it; nobody proves that it is theirs, so it is
// good for telling people things, and for codes only where the policy says so and where it is not
// new.

#include "base/core/id.h"
#include "base/core/mail_address.h"
#include "base/core/moment.h"
#include "base/store/tx.h"

#include <chrono>
#include <optional>

namespace sallyport::directory {

// How long an address that replaces another is told things before it is sent a code: long enough
// for the person to read, at the old one, that it was changed.
inline constexpr std::chrono::hours replaced_address_rests{72};

struct PersonMail {
    MailAddress address;
    Time usable_for_codes_from;
};

[[nodiscard]] std::optional<PersonMail> find_person_mail(store::Tx& tx, const PersonId& person);
// None takes it away. The row only; who may, the event and the notices are the caller's
// (governance/person_mail_admin.h).
void set_person_mail(
    store::Tx& tx,
    const Moment& moment,
    const PersonId& person,
    const std::optional<MailAddress>& address
);

}  // namespace sallyport::directory
