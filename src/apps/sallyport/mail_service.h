#pragma once

#include "base/config/settings.h"
#include "edge/api/services.h"
#include "edge/export/mail/mail_sender.h"

#include <atomic>
#include <memory>

namespace sallyport::cli {

// What sends the server's mail, by its configuration; null where none is configured. All it is
// given must outlive it. Throws Fault if the password's file is not as it has to be.
[[nodiscard]] std::unique_ptr<mail::MailSender> mail_service(
    const config::Settings& settings,
    store::Database& database,
    const keys::KeyRing& keys,
    const MomentSource& moments,
    const api::Site& site,
    const std::atomic<bool>& stopping
);

}  // namespace sallyport::cli
