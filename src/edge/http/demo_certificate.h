#pragma once
// Certificates for `init --demo`: an authority of the demo's own and one certificate for the
// sign-in host and all device hosts. Not for production: people must tell their browser to trust
// the authority, whose key is thrown away and which is limited to these names.

#include "base/core/time.h"
#include "edge/http/tls.h"

#include <string>
#include <vector>

namespace sallyport::http {

struct DemoCertificates {
    std::string authority_file;  // PEM; what clients trust
    CertificateFiles files;
};

// Writes demo-ca.pem, demo-cert.pem and demo-key.pem (0600) into `folder`, which must exist. The
// names are DNS names, wildcards ("*.gate.localhost") among them. P-256, 90 days from `now`.
// Throws Fault.
[[nodiscard]] DemoCertificates make_demo_certificates(
    const std::string& folder, const std::vector<std::string>& names, Time now
);

}  // namespace sallyport::http
