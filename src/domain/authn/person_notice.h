#pragma once
// What a person is told about their own account by the system rather than by somebody: shown on
// their pages until they have seen it, and sent to their mail address if they have one.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::authn {

enum class NoticeKind : std::uint8_t {
    authenticator_bound,
    authenticator_expiring,
    authenticator_expired,
    authenticator_revoked,
    authenticator_suspended,
    authenticator_resumed,
    authenticator_expiry_changed,  // by an administrator
    recovery_codes_renewed,
    recovery_asked,  // somebody asked for this account's recovery
    recovery_approved,
    recovery_refused,
    recovery_completed,
    recovery_alarm,     // for administrators: the host asked for another's recovery
    incident_reported,  // for whoever looks after such reports
    incident_closed,
    passphrase_compromised,
    sign_in_reported,  // from a phone: it wasn't me
    extra_codes_asked,
    extra_codes_approved,
    extra_codes_refused,
    mail_address_changed,
    recovery_by_mail_asked,
    push_reported,      // for whoever looks after reports: another's phone said "it wasn't me"
    push_bombing,       // likewise: another's phones were suspended, asked too often
    second_factor_due,  // the policy asks everybody for two factors from a date on
};

[[nodiscard]] std::string_view to_text(NoticeKind kind) noexcept;
[[nodiscard]] NoticeKind notice_kind(std::string_view text);  // a fault if unknown

struct PersonNotice {
    NoticeKind kind;
    std::string subject;  // what it is about, in its holder's words: "My phone"
    Time written_at;
};

inline constexpr std::size_t notices_shown_max = 20;

// On their pages, where something else is sent by mail.
void note_on_pages(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account,
    NoticeKind kind,
    std::string_view subject
);
// On their pages, and by mail.
void notify(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account,
    NoticeKind kind,
    std::string_view subject
);
// The latest notices_shown_max that were not yet seen, newest first.
[[nodiscard]] std::vector<PersonNotice> unread_notices(store::Tx& tx, const AccountId& account);
// All that were written up to then: that they were seen is on record (notice.seen).
void mark_notices_read(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account,
    Time up_to,
    const audit::Actor& actor
);

}  // namespace sallyport::authn
