// A CA that is a stranger to our code: the `openssl` command issues, revokes and answers, on files.
#include "tests/support/checkout.h"
#include "tests/support/temporary_folder.h"

#include "base/crypto/certificate_chain.h"
#include "base/crypto/ocsp.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace sallyport::crypto {

namespace {

std::string content_of(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    REQUIRE(in);
    return {std::istreambuf_iterator<char>(in), {}};
}

class CommandLineCa {
public:
    CommandLineCa() { run("make"); }

    // Steps of tests/support/openssl_ca.sh.
    void run(const std::string& step) const {
        const auto command = "bash '" + test::in_checkout("tests/support/openssl_ca.sh") + "' '" +
                             folder_.path().string() + "' " + step;
        // Nothing that a stranger said is in the command.
        REQUIRE(std::system(command.c_str()) == 0);
    }

    [[nodiscard]] Certificate certificate(const std::string& name) const {
        return Certificate::from_pem(content_of(folder_.file(name))).value();
    }

    [[nodiscard]] std::vector<Crl> crls() const {
        return {Crl::from_pem(content_of(folder_.file("crl.pem"))).value()};
    }

    [[nodiscard]] Result<OcspAnswer> ask(const Certificate& subject, const Certificate& issuer)
        const {
        SystemRandom random;
        const auto request = make_ocsp_request(subject, issuer, random);
        folder_.write("request.der", as_text(request.der));
        run("answer");
        const auto response = content_of(folder_.file("response.der"));
        return verify_ocsp_response(
            as_bytes(response), subject, issuer, request.nonce, SystemClock().now()
        );
    }

private:
    test::TemporaryFolder folder_;
};

TEST_CASE(
    "S1-22 (part): a CRL and OCSP answers by the openssl command are understood, before and "
    "after it revokes"
) {
    const CommandLineCa ca;
    const auto leaf = ca.certificate("leaf.pem");
    const auto root = ca.certificate("root.pem");
    const std::vector anchors = {root};
    const auto now = SystemClock().now();

    CHECK(verify_certificate_chain(leaf, {}, anchors, ca.crls(), now).has_value());
    const auto good = ca.ask(leaf, root);
    REQUIRE(good.has_value());
    CHECK(good->status() == OcspStatus::good);

    ca.run("revoke");
    const auto refused = verify_certificate_chain(leaf, {}, anchors, ca.crls(), now);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().reason == "certificate.revoked");
    const auto revoked = ca.ask(leaf, root);
    REQUIRE(revoked.has_value());
    CHECK(revoked->status() == OcspStatus::revoked);
}

}  // namespace

}  // namespace sallyport::crypto
