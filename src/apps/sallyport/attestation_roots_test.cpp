#include "apps/sallyport/attestation_roots.h"

#include "apps/sallyport/command.h"
#include "tests/support/attestation_authority.h"
#include "tests/support/temporary_folder.h"

#include "base/core/bytes.h"

#include <doctest/doctest.h>

#include <string>

namespace sallyport::cli {

namespace {

std::string pem(const test::AttestingCertificate& certificate) {
    return "-----BEGIN CERTIFICATE-----\n" + to_base64(certificate.der) +
           "\n-----END CERTIFICATE-----\n";
}

TEST_CASE(
    "S1-21 (part): the roots of all configured files are trusted, and none where none is named"
) {
    const test::TemporaryFolder folder;
    recording::PosixDisk disk;
    CHECK(configured_attestation_roots(disk, {}).empty());
    const auto one = test::make_authority("Maker One");
    const auto two = test::make_authority("Maker Two");
    const auto three = test::make_authority("Maker Three");
    const config::AuthenticatorSettings settings{
        .metadata_root = {},
        .attestation_roots =
            {folder.write("makers.pem", pem(one) + pem(two)), folder.write("more.pem", pem(three))},
    };
    const auto roots = configured_attestation_roots(disk, settings);
    REQUIRE(roots.size() == 3);
    CHECK(roots.at(0).der == one.der);
    CHECK(roots.at(1).der == two.der);
    CHECK(roots.at(2).der == three.der);
}

TEST_CASE("a file of roots that holds none, or something else, keeps the server from starting") {
    const test::TemporaryFolder folder;
    recording::PosixDisk disk;
    const auto refused = [&](const std::string& path) {
        try {
            (void
            )configured_attestation_roots(disk, {.metadata_root = {}, .attestation_roots = {path}});
        } catch (const CommandFailed& failed) {
            return std::string(failed.what());
        }
        return std::string("accepted");
    };
    const auto empty = folder.write("empty.pem", "");
    CHECK(
        refused(empty) ==
        "authenticators.attestation_roots: file " + empty + " is refused (pem.empty)"
    );
    const auto other =
        folder.write("other.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    CHECK(refused(other).ends_with("is refused (certificate.malformed)"));
}

}  // namespace

}  // namespace sallyport::cli
