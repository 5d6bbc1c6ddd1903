#include "apps/sallyport/attestation_roots.h"

#include "apps/sallyport/command.h"

#include "base/crypto/pem.h"

#include <fmt/format.h>

#include <utility>

namespace sallyport::cli {

namespace {

constexpr std::size_t file_size_max = std::size_t{2} << 20;

}  // namespace

std::vector<crypto::AttestationCertificate> attestation_certificates(
    recording::Disk& disk, std::string_view setting, const std::string& path
) {
    const auto refused = [&](const Refusal& why) {
        return CommandFailed(fmt::format("{}: file {} is refused ({})", setting, path, why.reason));
    };
    const auto bytes = recording::read_file(disk, path, file_size_max);
    const auto blocks = crypto::pem_blocks(
        as_text(bytes),
        "CERTIFICATE",
        {.text_size_max = file_size_max, .blocks_max = attestation_roots_max}
    );
    if (!blocks) throw refused(blocks.error());
    std::vector<crypto::AttestationCertificate> certificates;
    for (const auto& der : *blocks) {
        auto certificate = crypto::parse_attestation_certificate(der);
        if (!certificate) throw refused(certificate.error());
        certificates.push_back(*std::move(certificate));
    }
    return certificates;
}

std::vector<crypto::AttestationCertificate> configured_attestation_roots(
    recording::Disk& disk, const config::AuthenticatorSettings& settings
) {
    std::vector<crypto::AttestationCertificate> roots;
    for (const auto& path : settings.attestation_roots) {
        for (auto& root :
             attestation_certificates(disk, "authenticators.attestation_roots", path)) {
            roots.push_back(std::move(root));
        }
    }
    return roots;
}

}  // namespace sallyport::cli
