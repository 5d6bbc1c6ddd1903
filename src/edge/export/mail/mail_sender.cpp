#include "edge/export/mail/mail_sender.h"

#include "base/core/log.h"
#include "domain/authn/mail_outbox.h"
#include "edge/export/mail/mail_message.h"
#include "edge/export/mail/mail_text.h"

#include <utility>

namespace sallyport::mail {

namespace {

// Ids and codes only: an address is a person's.
void tell(const authn::Mail& mail, const SmtpAnswer& answer) {
    const bool refused = answer.result == SmtpResult::refused;
    log::warning(
        refused ? "the mail server refused a mail; it is not sent"
                : "a mail was not sent; it is tried again",
        {{"mail", mail.id.text()}, {"try", mail.tries}, {"code", answer.code}, {"why", answer.why}}
    );
}

}  // namespace

MailSender::MailSender(Parts parts, std::unique_ptr<MailCarrier> carrier)
    : parts_(std::move(parts)), carrier_(std::move(carrier)) {}

std::size_t MailSender::turn(const std::atomic<bool>& stopping) {
    std::size_t taken = 0;
    for (std::size_t i = 0; i < mails_per_turn && !stopping.load(); ++i) {
        const auto moment = parts_.moments.now();
        const auto due = parts_.database.write([&](store::Tx& tx) {
            return authn::take_due_mails(tx, moment, parts_.keys, 1);
        });
        if (due.empty()) break;
        const auto& mail = due.front();
        const auto text = mail_text(mail, parts_.languages, parts_.origin);
        const auto message = mail_message(
            {.from = parts_.from,
             .to = mail.to,
             .message_id = mail.id.text() + "@" + parts_.host,
             .date = mail.written_at,
             .subject = text.subject},
            text.body
        );
        const auto answer = carrier_->send(mail.to, message);
        if (answer.result == SmtpResult::taken) ++taken;
        if (answer.result != SmtpResult::taken) tell(mail, answer);
        if (answer.result == SmtpResult::later) continue;
        parts_.database.write([&](store::Tx& tx) { authn::remove_mail(tx, mail.id); });
    }
    return taken;
}

}  // namespace sallyport::mail
