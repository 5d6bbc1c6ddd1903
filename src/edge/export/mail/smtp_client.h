#pragma once
// Hands one mail to the house's mail server (RFC 6409 submission), in the calling thread.

#include "base/core/mail_address.h"
#include "base/crypto/secret.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace sallyport::mail {

enum class SmtpTls : std::uint8_t {
    starttls,  // demanded: a server that does not offer it gets no mail (RFC 3207)
    implicit,  // RFC 8314 §3.3
    none,      // for a relay on this machine only
};

struct SmtpSettings {
    std::string server;  // host name or IP address
    std::uint16_t port = 587;
    SmtpTls tls = SmtpTls::starttls;
    std::string ca_file;                             // PEM; empty: the system's authorities
    std::string own_name;                            // said in EHLO
    MailAddress from;                                // envelope and header
    std::string user;                                // empty: without AUTH
    std::shared_ptr<const crypto::Secret> password;  // with user
    std::chrono::seconds connect_max{10};
    std::chrono::seconds answer_max{20};  // to one command
    std::chrono::seconds whole_max{30};   // from the first packet to the server's last word
};

enum class SmtpResult : std::uint8_t {
    taken,    // the server answers for it from now on
    later,    // not now: try again
    refused,  // not ever: the server said so of this mail or its reader (5xx)
};

struct SmtpAnswer {
    SmtpResult result;
    std::int64_t code = 0;  // the server's last, or 0
    std::string why;        // for the operator's log
};

// What carries a mail away; a test has its own.
class MailCarrier {
public:
    virtual ~MailCarrier() = default;
    // `message` as mail_message() makes it.
    [[nodiscard]] virtual SmtpAnswer send(const MailAddress& to, const std::string& message) = 0;
};

class SmtpClient final : public MailCarrier {
public:
    // Ends a transfer under way within seconds once `stopping` is set; it must outlive this.
    SmtpClient(SmtpSettings settings, const std::atomic<bool>& stopping);

    [[nodiscard]] SmtpAnswer send(const MailAddress& to, const std::string& message) override;

private:
    SmtpSettings settings_;
    const std::atomic<bool>& stopping_;
};

}  // namespace sallyport::mail
