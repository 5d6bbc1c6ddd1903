#include "domain/authn/mail_outbox.h"

#include "base/core/fault.h"
#include "base/core/log.h"
#include "domain/directory/account.h"
#include "domain/directory/person_mail.h"

#include <algorithm>
#include <string>
#include <utility>

namespace sallyport::authn {

using store::value;

namespace {

MailAddress stored_address(const std::string& text) {
    auto address = MailAddress::parse(text);
    if (!address) throw Fault("a waiting mail has a malformed address");
    return *std::move(address);
}

Mail read_row(const store::Row& row) {
    const auto written_at = row.time(4);
    return {
        .id = row.id<MailId>(0),
        .to = stored_address(row.text(1)),
        .notice =
            {.kind = notice_kind(row.text(2)), .subject = row.text(3), .written_at = written_at},
        .written_at = written_at,
        .tries = row.integer(5) + 1,
    };
}

std::chrono::seconds delay_after(std::int64_t tries) {
    constexpr std::int64_t doublings_max = 10;
    const auto doubled = mail_delay_min * (std::int64_t{1} << std::min(tries - 1, doublings_max));
    return std::min<std::chrono::seconds>(doubled, mail_delay_max);
}

}  // namespace

void post_notice(
    store::Tx& tx, const Moment& moment, const AccountId& id, const PersonNotice& notice
) {
    const auto account = directory::find_account(tx, id);
    if (!account) return;
    const auto mail = directory::find_person_mail(tx, account->person);
    if (mail) post_notice_to(tx, moment, mail->address, notice);
}

void post_notice_to(
    store::Tx& tx, const Moment& moment, const MailAddress& to, const PersonNotice& notice
) {
    const auto inserted = tx.execute(
        "INSERT INTO mail_outbox (id, recipient, kind, subject, written_at, ends_at, next_try_at, "
        "tries) SELECT ?, ?, ?, ?, ?, ?, ?, 0 WHERE (SELECT COUNT(*) FROM mail_outbox) < ?",
        {value(MailId::fresh(moment.now, moment.random)),
         to.text(),
         std::string(to_text(notice.kind)),
         notice.subject,
         value(moment.now),
         value(moment.now + notice_mail_life),
         value(moment.now),
         static_cast<std::int64_t>(mails_waiting_max)}
    );
    if (inserted == 1) return;
    log::error("a mail is not sent: too many wait", {{"kind", std::string(to_text(notice.kind))}});
}

std::vector<Mail> take_due_mails(store::Tx& tx, const Moment& moment, std::size_t count_max) {
    const auto rows = tx.query(
        "SELECT id, recipient, kind, subject, written_at, tries "
        "FROM mail_outbox WHERE next_try_at <= ? AND ends_at > ? ORDER BY next_try_at, id LIMIT ?",
        {value(moment.now), value(moment.now), static_cast<std::int64_t>(count_max)}
    );
    std::vector<Mail> due;
    for (const auto& row : rows) {
        auto mail = read_row(row);
        // Only for whoever comes first: another node may have read the same.
        const auto taken = tx.execute(
            "UPDATE mail_outbox SET tries = ?, next_try_at = ? WHERE id = ? AND tries = ?",
            {mail.tries, value(moment.now + delay_after(mail.tries)), value(mail.id), mail.tries - 1
            }
        );
        if (taken == 1) due.push_back(std::move(mail));
    }
    return due;
}

void remove_mail(store::Tx& tx, const MailId& id) {
    tx.execute("DELETE FROM mail_outbox WHERE id = ?", {value(id)});
}

std::size_t forget_overdue_mails(store::Tx& tx, const Moment& moment) {
    return static_cast<std::size_t>(
        tx.execute("DELETE FROM mail_outbox WHERE ends_at <= ?", {value(moment.now)})
    );
}

bool is_mail_stuck(store::Tx& tx, const Moment& moment) {
    const auto rows = tx.query(
        "SELECT 1 FROM mail_outbox WHERE tries > 1 AND written_at <= ? LIMIT 1",
        {value(moment.now - mail_stuck_after)}
    );
    return !rows.empty();
}

}  // namespace sallyport::authn
