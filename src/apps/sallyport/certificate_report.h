#pragma once
// What an operator should know of the certificates: told by `sallyport config check`, and by the
// server in its log when it starts and reloads them.

#include "base/config/settings.h"
#include "edge/http/tls.h"

#include <string>
#include <vector>

namespace sallyport::cli {

struct CertificateReport {
    std::vector<std::string> errors;  // nobody could sign in
    std::vector<std::string> warnings;
};

// `device_names` as far as they are known; without any, a certificate for some host below the
// device suffix will do.
[[nodiscard]] CertificateReport report_on_certificates(
    const config::Settings& settings,
    const std::vector<http::CertificateInfo>& certificates,
    const std::vector<std::string>& device_names,
    Time now
);

// Of the card host, whose certificate is apart.
[[nodiscard]] CertificateReport report_on_card_host(
    const config::CardSettings& card,
    const std::vector<http::CertificateInfo>& certificates,
    Time now
);

}  // namespace sallyport::cli
