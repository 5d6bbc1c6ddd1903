#pragma once
// Mail on its way to people. A row is written in the transaction of what it tells of, so both are
// there or neither; a job (edge/export/mail) sends it and then removes it. A mail that was sent
// just before a crash is sent again, with the same Message-ID: at least once.
//
// Whoever has no address gets no mail, and where the server sends none, rows are forgotten when
// their time is over.

#include "base/core/id.h"
#include "base/core/mail_address.h"
#include "base/core/moment.h"
#include "base/crypto/secret.h"
#include "base/keys/key_ring.h"
#include "base/store/tx.h"
#include "domain/authn/person_notice.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

namespace sallyport::authn {

using MailId = Id<struct MailKind>;

// Waiting at once. What comes on top is not sent, which is in the operator's log: a mail server
// that is gone for days must not fill the store.
inline constexpr std::size_t mails_waiting_max = 10'000;
inline constexpr std::chrono::hours notice_mail_life{72};  // then it is too late to be of use
// Between two tries: doubled each time, from the first to the last.
inline constexpr std::chrono::seconds mail_delay_min{60};
inline constexpr std::chrono::seconds mail_delay_max{3600};

// A code that its reader asked for (mail_recovery.h).
struct MailedCode {
    crypto::Secret code;  // as it is shown
    Time ends_at;
};

struct Mail {
    MailId id;  // stays the same however often it is sent
    MailAddress to;
    std::variant<PersonNotice, MailedCode> content;
    Time written_at;
    std::int64_t tries;  // this one included
};

// To the account's person, if they have an address.
void post_notice(
    store::Tx& tx, const Moment& moment, const AccountId& account, const PersonNotice& notice
);
void post_notice_to(
    store::Tx& tx, const Moment& moment, const MailAddress& to, const PersonNotice& notice
);
void post_code(
    store::Tx& tx,
    const Moment& moment,
    const keys::KeyRing& keys,
    const MailAddress& to,
    const MailedCode& code
);

// Those whose time has come, oldest first, each put off until its next try: whoever takes them
// dies, or another node asks, and they are not lost and not sent twice at once.
[[nodiscard]] std::vector<Mail> take_due_mails(
    store::Tx& tx, const Moment& moment, const keys::KeyRing& keys, std::size_t count_max
);
// It was taken by a mail server, or never will be.
void remove_mail(store::Tx& tx, const MailId& id);
// Forgets what came to its end unsent. Returns how many that were.
std::size_t forget_overdue_mails(store::Tx& tx, const Moment& moment);

// Whether mails wait although they were tried: for health, and the operator.
inline constexpr std::chrono::minutes mail_stuck_after{15};
[[nodiscard]] bool is_mail_stuck(store::Tx& tx, const Moment& moment);

}  // namespace sallyport::authn
