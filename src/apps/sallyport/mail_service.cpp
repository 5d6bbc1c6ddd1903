#include "apps/sallyport/mail_service.h"

#include "base/core/log.h"
#include "base/keys/password_file.h"

#include <utility>

namespace sallyport::cli {

namespace {

mail::SmtpTls smtp_tls(config::MailTls tls) {
    switch (tls) {
        case config::MailTls::starttls:
            return mail::SmtpTls::starttls;
        case config::MailTls::implicit:
            return mail::SmtpTls::implicit;
        case config::MailTls::none:
            return mail::SmtpTls::none;
    }
    return mail::SmtpTls::starttls;
}

}  // namespace

std::unique_ptr<mail::MailSender> mail_service(
    const config::Settings& settings,
    store::Database& database,
    const keys::KeyRing& keys,
    const MomentSource& moments,
    const api::Site& site,
    const std::atomic<bool>& stopping
) {
    const auto& given = settings.mail;
    if (given.server.empty()) return nullptr;
    if (given.tls == config::MailTls::none) {
        log::warning("mail is handed over unencrypted, to a relay on this machine");
    }
    // The configuration holds only addresses that parse.
    const auto from = MailAddress::parse(given.from).value();
    mail::SmtpSettings smtp{
        .server = given.server,
        .port = given.port,
        .tls = smtp_tls(given.tls),
        .ca_file = given.ca_file,
        .own_name = site.sign_in_host,
        .from = from,
        .user = given.user,
        .password = nullptr,
    };
    if (!given.password.empty()) {
        smtp.password = std::make_shared<const crypto::Secret>(
            keys::read_password_file(given.password, settings.keys.credentials_dir)
        );
    }
    return std::make_unique<mail::MailSender>(
        mail::MailSender::Parts{
            .database = database,
            .keys = keys,
            .moments = moments,
            .from = from,
            .origin = site.origin(),
            .host = site.sign_in_host,
            .languages = given.languages,
        },
        std::make_unique<mail::SmtpClient>(std::move(smtp), stopping)
    );
}

}  // namespace sallyport::cli
