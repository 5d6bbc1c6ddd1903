#pragma once
// Empties the outbox (domain/authn/mail_outbox.h), mail by mail: taken in one transaction, sent
// outside any, removed in another.

#include "base/core/language.h"
#include "base/core/moment.h"
#include "base/keys/key_ring.h"
#include "base/store/database.h"
#include "edge/export/mail/smtp_client.h"

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace sallyport::mail {

class MailSender {
public:
    static constexpr std::size_t mails_per_turn = 20;

    struct Parts {
        store::Database& database;
        const keys::KeyRing& keys;
        const MomentSource& moments;
        MailAddress from;
        std::string origin;               // of the sign-in host, for links
        std::string host;                 // the sign-in host, in Message-IDs
        std::vector<Language> languages;  // one or more; each mail says all of them
    };

    MailSender(Parts parts, std::unique_ptr<MailCarrier> carrier);

    // Sends what is due now; returns how many mails were taken by the mail server. Stops after the
    // one under way once `stopping` is set.
    std::size_t turn(const std::atomic<bool>& stopping);

private:
    Parts parts_;
    std::unique_ptr<MailCarrier> carrier_;
};

}  // namespace sallyport::mail
