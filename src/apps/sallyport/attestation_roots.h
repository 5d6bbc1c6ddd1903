#pragma once
// The certificates that security keys are vouched for under, as the server and the import of FIDO's
// metadata read them.

#include "base/config/settings.h"
#include "base/crypto/attestation_certificate.h"
#include "domain/recording/disk.h"

#include <string>
#include <string_view>
#include <vector>

namespace sallyport::cli {

inline constexpr std::size_t attestation_roots_max = 64;  // certificates in one file

// Those in a PEM file, at least one. `setting` is how the file is called in what CommandFailed
// says.
[[nodiscard]] std::vector<crypto::AttestationCertificate> attestation_certificates(
    recording::Disk& disk, std::string_view setting, const std::string& path
);

// Of all configured files. Throws CommandFailed naming the file and what is wrong with it.
[[nodiscard]] std::vector<crypto::AttestationCertificate> configured_attestation_roots(
    recording::Disk& disk, const config::AuthenticatorSettings& settings
);

}  // namespace sallyport::cli
