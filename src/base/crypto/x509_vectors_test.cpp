// Published path validation suites, as Botan has them (tests/vectors/x509/SOURCE). They are older
// than what we accept of keys, signatures and extensions, so they run against the path search
// alone, in its lenient form; certificate_chain_test.cpp has what stands on top of it.
#include "tests/support/checkout.h"

#include "base/crypto/certificate_path.h"
#include "base/crypto/crl.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

namespace sallyport::crypto {

namespace {

using std::filesystem::path;

std::string content_of(const path& file) {
    std::ifstream in(file, std::ios::binary);
    REQUIRE(in);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<Certificate> certificates_in(const path& file) {
    const auto text = content_of(file);
    if (text.find("-----BEGIN") != std::string::npos) {
        return Certificate::all_from_pem(text, 16).value();
    }
    return {Certificate::from_der(as_bytes(text)).value()};
}

// "name:answer" lines.
std::map<std::string, std::string> expected_in(const path& folder) {
    std::map<std::string, std::string> expected;
    std::ifstream file(folder / "expected.txt");
    for (std::string line; std::getline(file, line);) {
        const auto colon = line.find(':');
        if (line.starts_with('#') || colon == std::string::npos) continue;
        expected[line.substr(0, colon)] = line.substr(colon + 1);
    }
    return expected;
}

// What Botan calls it, and what we do.
const std::map<std::string, std::string> our_words = {
    {"Verified", "verified"},
    {"Signature error", "certificate.wrong_signature"},
    {"Certificate is not yet valid", "certificate.not_yet_valid"},
    {"Certificate has expired", "certificate.expired"},
    {"Certificate issuer not found", "certificate.untrusted"},
    {"Cannot establish trust", "certificate.untrusted"},
    {"Loop in certificate chain", "certificate.untrusted"},
    {"Certificate is revoked", "certificate.revoked"},
    {"CA certificate not allowed to issue certs", "certificate.issuer_not_a_ca"},
    {"Certificate chain too long", "certificate.path_too_long"},
    {"Certificate does not pass name constraint", "certificate.name_constraint"},
    {"No revocation data", "list missing"},
    {"CRL has expired", "list stale"},
    {"CRL bad signature", "list unusable"},
    {"CA certificate not allowed to issue CRLs", "list unusable"},
    {"CRL contains a critical extension that could not be processed", "list unusable"},
};

struct Case {
    path leaf;  // may hold the intermediates too
    std::vector<path> intermediates = {};
    std::vector<path> crls = {};
    path anchor;
    Time now;
};

std::string answer(const Case& given, Conformance conformance) {
    auto certificates = certificates_in(given.leaf);
    const auto leaf = certificates.front();
    certificates.erase(certificates.begin());
    for (const auto& file : given.intermediates) {
        certificates.push_back(certificates_in(file).front());
    }
    const auto anchors = certificates_in(given.anchor);
    std::vector<Crl> crls;
    for (const auto& file : given.crls) {
        if (auto crl = Crl::from_der(as_bytes(content_of(file)))) crls.push_back(*crl);
    }
    const auto found = find_certificate_path({
        .leaf = leaf,
        .intermediates = certificates,
        .anchors = anchors,
        .crls = crls,
        .now = given.now,
        .intermediates_max = 8,
        .policies = {},
        .conformance = conformance,
    });
    if (!found) return std::string(found.error().reason);
    if (given.crls.empty()) return "verified";
    for (const auto status : found->crls) {
        if (status == CrlStatus::missing) return "list missing";
        if (status == CrlStatus::stale) return "list stale";
        if (status == CrlStatus::unusable) return "list unusable";
    }
    return "verified";
}

// What the lenient search refuses, the strict one never accepts.
void check(const Case& given, const std::string& expected) {
    CHECK(answer(given, Conformance::lenient) == expected);
    if (expected != "verified") CHECK(answer(given, Conformance::strict) != "verified");
}

TEST_CASE("S1-22 (part): NIST's path validation suite is answered as it should be") {
    const path folder = test::in_vectors("x509/nist");
    auto expected = expected_in(folder);
    for (auto& [name, botan] : expected) {
        botan = our_words.at(botan);
    }
    // Botan does not process policies and says so; the suite wants these refused.
    expected["test45"] = expected["test46"] = expected["test47"] = "certificate.wrong_policy";
    // A delta list is no list to us, where Botan reads it and stops at its critical extension.
    expected["test75"] = "list missing";

    for (const auto& [name, words] : expected) {
        CAPTURE(name);
        Case given{
            .leaf = folder / name / "end.crt",
            .crls = {folder / "root.crl"},
            .anchor = folder / "root.crt",
            .now = std::chrono::sys_days(std::chrono::year(2018) / 4 / 1),
        };
        for (const auto& file : std::filesystem::directory_iterator(folder / name)) {
            if (file.path().extension() == ".crl") {
                given.crls.push_back(file.path());
            } else if (file.path() != given.leaf) {
                given.intermediates.push_back(file.path());
            }
        }
        check(given, words);
    }
    CHECK(expected.size() == 76);
}

TEST_CASE("S1-22 (part): the chains of x509test are answered as they should be") {
    const path folder = test::in_vectors("x509/x509test");
    const auto expected = expected_in(folder);
    for (const auto& [name, words] : expected) {
        CAPTURE(name);
        const Case given{
            .leaf = folder / name,
            .anchor = folder / "root.pem",
            .now = std::chrono::sys_days(std::chrono::year(2016) / 10 / 21) + std::chrono::hours(4),
        };
        check(given, our_words.at(words));
    }
    CHECK(expected.size() == 21);
}

TEST_CASE("chains with extended key usage, odd intermediates and cross certificates verify") {
    const path folder = test::in_vectors("x509/extended");
    const auto expected = expected_in(folder);
    for (const auto& [name, words] : expected) {
        CAPTURE(name);
        Case given{
            .leaf = folder / name / "end.crt",
            .anchor = folder / name / "root.crt",
            .now = std::chrono::sys_days(std::chrono::year(2017) / 9 / 1),
        };
        for (const auto& file : std::filesystem::directory_iterator(folder / name)) {
            if (file.path().filename().string().starts_with("int")) {
                given.intermediates.push_back(file.path());
            }
        }
        check(given, our_words.at(words));
    }
    CHECK(expected.size() == 3);
}

}  // namespace

}  // namespace sallyport::crypto
