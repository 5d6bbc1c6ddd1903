#include "apps/sallyport/card_trust_files.h"

#include "apps/sallyport/command.h"
#include "tests/support/certificates.h"
#include "tests/support/temporary_folder.h"

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <string>

namespace sallyport::cli {

namespace {

using namespace std::chrono_literals;
using sallyport::test::Issued;

std::string pem(std::string_view label, BytesView der) {
    return "-----BEGIN " + std::string(label) + "-----\n" + to_base64(der) + "\n-----END " +
           std::string(label) + "-----\n";
}

struct Folder {
    sallyport::test::TemporaryFolder files;
    Issued root = sallyport::test::self_signed(sallyport::test::root_plan());
    recording::PosixDisk disk;
    config::CardSettings settings;

    Folder() {
        settings.anchors = files.write("root.pem", pem("CERTIFICATE", root.der()));
        settings.crls = {files.file("cards.crl")};
        list({});
    }

    void list(const std::vector<std::string>& serials, bool as_pem = false) {
        const auto der = sallyport::test::crl_der({.serials = serials}, root);
        write_list(as_pem ? pem("X509 CRL", der) : std::string(as_text(der)));
    }

    // A second later than before, as the file system has it.
    void write_list(std::string_view bytes) {
        files.write("cards.crl", bytes);
        written_at_ += 1s;
        std::filesystem::last_write_time(settings.crls.front(), written_at_);
    }

    [[nodiscard]] static std::size_t entries(CardTrustFiles& files) {
        const auto trust = files.current();
        return trust->crls.empty() ? 99 : trust->crls.front()->entries;
    }

private:
    std::filesystem::file_time_type written_at_ = std::filesystem::file_time_type::clock::now();
};

}  // namespace

TEST_CASE("S1-22 (part): a list that is replaced counts from the next certificate on") {
    Folder folder;
    CardTrustFiles files(folder.disk, folder.settings);
    CHECK(files.current()->anchors.size() == 1);
    CHECK(Folder::entries(files) == 0);
    folder.list({"1001"});
    CHECK(Folder::entries(files) == 1);
    folder.list({"1001", "1002"}, true);
    CHECK(Folder::entries(files) == 2);
    CHECK(files.unusable_lists().empty());
}

TEST_CASE("a list that is gone or broken is missing, and said so") {
    Folder folder;
    CardTrustFiles files(folder.disk, folder.settings);
    folder.write_list("nothing of the kind");
    CHECK(files.current()->crls.empty());
    REQUIRE(files.unusable_lists().size() == 1);
    CHECK(files.unusable_lists().front().contains("cards.crl"));
    folder.list({});
    CHECK(files.current()->crls.size() == 1);
    std::filesystem::remove(folder.settings.crls.front());
    CHECK(files.current()->crls.empty());
}

TEST_CASE("anchors that can't be read stop the start, and later change nothing") {
    Folder folder;
    CardTrustFiles files(folder.disk, folder.settings);
    const auto before = files.current();
    folder.files.write("root.pem", "a text that is no certificate, and longer than before?\n");
    CHECK(files.current() == before);
    CHECK_THROWS_AS(CardTrustFiles(folder.disk, folder.settings), CommandFailed);
    folder.settings.anchors = folder.files.file("none.pem");
    CHECK_THROWS_AS(CardTrustFiles(folder.disk, folder.settings), Fault);
}

TEST_CASE("the settings are what certificates are judged by") {
    Folder folder;
    folder.settings.revocation = config::CardRevocation::crl_and_ocsp;
    folder.settings.revocation_scope = config::CardRevocationScope::leaf;
    folder.settings.ocsp_nonce = false;
    folder.settings.ocsp_url = "http://10.0.0.9/";
    folder.settings.policies = {"1.2.3"};
    folder.settings.smart_card_logon = true;
    folder.settings.pin_asked = true;
    CardTrustFiles files(folder.disk, folder.settings);
    const auto trust = files.current();
    CHECK(trust->revocation.source == authn::RevocationSource::crl_and_ocsp);
    CHECK(trust->revocation.scope == authn::RevocationScope::leaf);
    CHECK(trust->ocsp.nonce == crypto::OcspNonce::may_be_absent);
    CHECK(trust->ocsp_url == "http://10.0.0.9/");
    CHECK(trust->chain.policies == std::vector<std::string>{"1.2.3"});
    CHECK(trust->chain.purpose == crypto::ClientPurpose::client_auth_or_smart_card_logon);
    CHECK(trust->pin_asked);
    CHECK_FALSE(trust->key_in_hardware);
}

}  // namespace sallyport::cli
