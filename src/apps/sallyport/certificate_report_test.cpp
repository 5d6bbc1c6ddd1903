#include "apps/sallyport/certificate_report.h"

#include <doctest/doctest.h>

namespace sallyport::cli {

namespace {

constexpr Time now = from_micros(1'795'348'800'000'000);

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("certificates: the sign-in host must be covered, devices should be, expiry is told") {
    using std::chrono::days;
    config::Settings settings;
    settings.server.sign_in_host = "sallyport.example.org";
    settings.server.device_suffix = "gate.example.net";
    const http::CertificateInfo own{"own.pem", {"sallyport.example.org"}, now + days(31)};
    const http::CertificateInfo wild{"wild.pem", {"*.gate.example.net"}, now + days(31)};
    const http::CertificateInfo exact{"pump.pem", {"pump-07.gate.example.net"}, now + days(29)};
    const auto report = [&](std::vector<http::CertificateInfo> some, Texts devices) {
        return report_on_certificates(settings, some, devices, now);
    };

    CHECK(report({own, wild}, {"pump-07"}).errors.empty());
    CHECK(report({own, wild}, {"pump-07"}).warnings.empty());
    CHECK(report({own, wild}, {}).warnings.empty());
    CHECK(
        report({wild}, {}).errors == Texts{"no certificate covers sallyport.example.org; add one "
                                           "under [[tls.certificates]]"}
    );
    // Exact names will do; a device without one is told, and shuts nobody out of the others.
    const auto exactly = report({own, exact}, {"pump-07", "pump-08"});
    CHECK(exactly.errors.empty());
    REQUIRE(exactly.warnings.size() == 2);
    CHECK(exactly.warnings[0].starts_with("no certificate covers pump-08.gate.example.net"));
    CHECK(exactly.warnings[1].starts_with("pump.pem expires 2026-12-21"));
    CHECK(report({own, exact}, {}).warnings.size() == 1);
    CHECK(report({own}, {}).warnings.front().starts_with("no certificate is for any host below"));

    const http::CertificateInfo old{"own.pem", {"sallyport.example.org"}, now - days(1)};
    CHECK(report({old, wild}, {}).warnings.front().starts_with("own.pem expired 2026-11-21"));
}

TEST_CASE("the card host's certificate has to cover it, and its expiry is told") {
    config::CardSettings card;
    card.host = "card.example.org";
    const auto later = now + std::chrono::days(31);
    const http::CertificateInfo good{"card.pem", {"card.example.org"}, later};
    CHECK(report_on_card_host(card, {good}, now).errors.empty());
    CHECK(report_on_card_host(card, {good}, now).warnings.empty());
    CHECK(report_on_card_host(card, {good}, later).warnings.size() == 1);
    const http::CertificateInfo other{"card.pem", {"sallyport.example.org"}, later};
    CHECK(
        report_on_card_host(card, {other}, now).errors ==
        Texts{"card.certificate does not cover card.host card.example.org"}
    );
}

}  // namespace sallyport::cli
