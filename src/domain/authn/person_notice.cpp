#include "domain/authn/person_notice.h"

#include "base/core/fault.h"
#include "domain/audit/log.h"
#include "domain/authn/mail_outbox.h"

#include <algorithm>
#include <array>

namespace sallyport::authn {

using store::value;

namespace {

constexpr std::array<std::string_view, 25> kind_texts = {
    "authenticator_bound",
    "authenticator_expiring",
    "authenticator_expired",
    "authenticator_revoked",
    "authenticator_suspended",
    "authenticator_resumed",
    "authenticator_expiry_changed",
    "recovery_codes_renewed",
    "recovery_asked",
    "recovery_approved",
    "recovery_refused",
    "recovery_completed",
    "recovery_alarm",
    "incident_reported",
    "incident_closed",
    "passphrase_compromised",
    "sign_in_reported",
    "extra_codes_asked",
    "extra_codes_approved",
    "extra_codes_refused",
    "mail_address_changed",
    "recovery_by_mail_asked",
    "push_reported",
    "push_bombing",
    "second_factor_due",
};

}  // namespace

std::string_view to_text(NoticeKind kind) noexcept {
    return kind_texts[static_cast<std::size_t>(kind)];
}

NoticeKind notice_kind(std::string_view text) {
    const auto* const found = std::ranges::find(kind_texts, text);
    if (found == kind_texts.end()) throw Fault("a notice row has a kind that is not known");
    return static_cast<NoticeKind>(found - kind_texts.begin());
}

void note_on_pages(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account,
    NoticeKind kind,
    std::string_view subject
) {
    tx.execute(
        "INSERT INTO person_notice (id, account_id, kind, subject, written_at) "
        "VALUES (?, ?, ?, ?, ?)",
        {value(NoticeId::fresh(moment.now, moment.random)),
         value(account),
         std::string(to_text(kind)),
         std::string(subject),
         value(moment.now)}
    );
}

void notify(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account,
    NoticeKind kind,
    std::string_view subject
) {
    note_on_pages(tx, moment, account, kind, subject);
    post_notice(
        tx,
        moment,
        account,
        {.kind = kind, .subject = std::string(subject), .written_at = moment.now}
    );
}

std::vector<PersonNotice> unread_notices(store::Tx& tx, const AccountId& account) {
    const auto rows = tx.query(
        "SELECT kind, subject, written_at FROM person_notice "
        "WHERE account_id = ? AND read_at IS NULL ORDER BY written_at DESC, id DESC LIMIT ?",
        {value(account), static_cast<std::int64_t>(notices_shown_max)}
    );
    std::vector<PersonNotice> found;
    found.reserve(rows.size());
    for (const auto& row : rows) {
        found.push_back(
            {.kind = notice_kind(row.text(0)), .subject = row.text(1), .written_at = row.time(2)}
        );
    }
    return found;
}

void mark_notices_read(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account,
    Time up_to,
    const audit::Actor& actor
) {
    const auto count = tx.execute(
        "UPDATE person_notice SET read_at = ? "
        "WHERE account_id = ? AND read_at IS NULL AND written_at <= ?",
        {value(moment.now), value(account), value(up_to)}
    );
    auto event = audit::event_by(actor, "notice.seen", "see", "account:" + account.text());
    event.fields = {{.name = "count", .value = static_cast<std::int64_t>(count)}};
    audit::append(tx, moment, event);
}

}  // namespace sallyport::authn
