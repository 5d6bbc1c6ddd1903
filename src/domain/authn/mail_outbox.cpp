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

constexpr std::string_view code_kind = "recovery_code";

struct NewMail {
    MailId id;
    const MailAddress& to;
    std::string kind;
    std::string subject;
    store::Value sealed_code;
    Time ends_at;
};

void insert(store::Tx& tx, const Moment& moment, const NewMail& mail) {
    const auto inserted = tx.execute(
        "INSERT INTO mail_outbox (id, recipient, kind, subject, sealed_code, written_at, ends_at, "
        "next_try_at, tries) SELECT ?, ?, ?, ?, ?, ?, ?, ?, 0 "
        "WHERE (SELECT COUNT(*) FROM mail_outbox) < ?",
        {value(mail.id),
         mail.to.text(),
         mail.kind,
         mail.subject,
         mail.sealed_code,
         value(moment.now),
         value(mail.ends_at),
         value(moment.now),
         static_cast<std::int64_t>(mails_waiting_max)}
    );
    if (inserted == 0) log::error("a mail is not sent: too many wait", {{"kind", mail.kind}});
}

MailAddress stored_address(const std::string& text) {
    auto address = MailAddress::parse(text);
    if (!address) throw Fault("a waiting mail has a malformed address");
    return *std::move(address);
}

Mail read_row(const store::Row& row, const keys::KeyRing& keys) {
    const auto id = row.id<MailId>(0);
    Mail mail{
        .id = id,
        .to = stored_address(row.text(1)),
        .content = PersonNotice{},
        .written_at = row.time(5),
        .tries = row.integer(7) + 1,
    };
    if (row.text(2) == code_kind) {
        mail.content = MailedCode{
            .code = keys.unseal(keys::Purpose::mailed_code, id.text(), row.blob(4)),
            .ends_at = row.time(6),
        };
    } else {
        mail.content = PersonNotice{
            .kind = notice_kind(row.text(2)), .subject = row.text(3), .written_at = mail.written_at
        };
    }
    return mail;
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
    insert(
        tx,
        moment,
        {.id = MailId::fresh(moment.now, moment.random),
         .to = to,
         .kind = std::string(to_text(notice.kind)),
         .subject = notice.subject,
         .sealed_code = nullptr,
         .ends_at = moment.now + notice_mail_life}
    );
}

void post_code(
    store::Tx& tx,
    const Moment& moment,
    const keys::KeyRing& keys,
    const MailAddress& to,
    const MailedCode& mailed
) {
    const auto id = MailId::fresh(moment.now, moment.random);
    insert(
        tx,
        moment,
        {.id = id,
         .to = to,
         .kind = std::string(code_kind),
         .subject = {},
         .sealed_code = keys.seal(keys::Purpose::mailed_code, id.text(), mailed.code.expose()),
         .ends_at = mailed.ends_at}
    );
}

std::vector<Mail> take_due_mails(
    store::Tx& tx, const Moment& moment, const keys::KeyRing& keys, std::size_t count_max
) {
    const auto rows = tx.query(
        "SELECT id, recipient, kind, subject, sealed_code, written_at, ends_at, tries "
        "FROM mail_outbox WHERE next_try_at <= ? AND ends_at > ? ORDER BY next_try_at, id LIMIT ?",
        {value(moment.now), value(moment.now), static_cast<std::int64_t>(count_max)}
    );
    std::vector<Mail> due;
    for (const auto& row : rows) {
        auto mail = read_row(row, keys);
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
