#include "apps/sallyport/certificate_report.h"

#include <algorithm>

namespace sallyport::cli {

namespace {

bool is_for_some_device(const http::CertificateInfo& certificate, const std::string& suffix) {
    return std::ranges::any_of(certificate.names, [&](const std::string& name) {
        return name.ends_with("." + suffix);
    });
}

void add_expiries(CertificateReport& report, const http::CertificateFindings& findings, Time now) {
    for (const auto& expiry : findings.expiring) {
        report.warnings.push_back(
            expiry.file + (expiry.not_after <= now ? " expired " : " expires ") +
            to_text(expiry.not_after) + "; renew it (docs/operations.md, certificates)"
        );
    }
}

}  // namespace

CertificateReport report_on_certificates(
    const config::Settings& settings,
    const std::vector<http::CertificateInfo>& certificates,
    const std::vector<std::string>& device_names,
    Time now
) {
    const auto& suffix = settings.server.device_suffix;
    std::vector<std::string> hosts{settings.server.sign_in_host};
    for (const auto& name : device_names) {
        hosts.push_back(name + "." + suffix);
    }
    const auto findings = http::check_certificates(certificates, hosts, now);

    CertificateReport report;
    for (const auto& host : findings.uncovered_hosts) {
        const auto text = "no certificate covers " + host + "; add one under [[tls.certificates]]";
        (host == settings.server.sign_in_host ? report.errors : report.warnings).push_back(text);
    }
    const bool some_device = std::ranges::any_of(certificates, [&](const auto& certificate) {
        return is_for_some_device(certificate, suffix);
    });
    if (device_names.empty() && !some_device) {
        report.warnings.push_back(
            "no certificate is for any host below " + suffix +
            ", where devices are; add one for *." + suffix + " under [[tls.certificates]]"
        );
    }
    add_expiries(report, findings, now);
    return report;
}

CertificateReport report_on_card_host(
    const config::CardSettings& card,
    const std::vector<http::CertificateInfo>& certificates,
    Time now
) {
    const auto findings = http::check_certificates(certificates, {card.host}, now);
    CertificateReport report;
    if (!findings.uncovered_hosts.empty()) {
        report.errors.push_back("card.certificate does not cover card.host " + card.host);
    }
    add_expiries(report, findings, now);
    return report;
}

}  // namespace sallyport::cli
