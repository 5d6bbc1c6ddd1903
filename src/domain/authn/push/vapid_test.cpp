#include "domain/authn/push/vapid.h"

#include "tests/support/temporary_folder.h"

#include "base/crypto/public_key.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <string>
#include <vector>

using namespace sallyport;
using namespace sallyport::authn;

namespace {

// The header's parts.
struct Vapid {
    std::string signed_part;
    Bytes signature;
    Bytes public_key;
    nlohmann::json header;
    nlohmann::json claims;
};

Vapid taken_apart(const std::string& authorization) {
    constexpr std::string_view front = "vapid t=";
    REQUIRE(authorization.starts_with(front));
    const auto comma = authorization.find(", k=");
    REQUIRE(comma != std::string::npos);
    const auto jwt = authorization.substr(front.size(), comma - front.size());
    const auto first = jwt.find('.');
    const auto last = jwt.rfind('.');
    REQUIRE(first < last);
    const auto json_of = [](std::string_view part) {
        return nlohmann::json::parse(as_text(from_base64url(part).value()));
    };
    return {
        .signed_part = jwt.substr(0, last),
        .signature = from_base64url(jwt.substr(last + 1)).value(),
        .public_key = from_base64url(authorization.substr(comma + 4)).value(),
        .header = json_of(jwt.substr(0, first)),
        .claims = json_of(jwt.substr(first + 1, last - first - 1)),
    };
}

bool succeeds(const std::string& command) {
    FILE* const pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    return ::pclose(pipe) == 0;
}

const PushEndpoint endpoint{.host = "push.example", .port = 8443, .target = "/p/secret"};
constexpr Time now{std::chrono::seconds(1'795'334'400)};

Vapid made(const keys::KeyRing& keys) {
    return taken_apart(
        vapid_authorization(vapid_key(keys), endpoint, "mailto:it@hospital.example", now)
    );
}

}  // namespace

TEST_CASE("RFC 8292: the header says for whom, until when and by whom, and no path") {
    const keys::KeyRing keys(crypto::Secret::random(32));
    const auto vapid = made(keys);
    CHECK(vapid.header == nlohmann::json{{"typ", "JWT"}, {"alg", "ES256"}});
    CHECK(vapid.claims.at("aud") == "https://push.example:8443");
    CHECK(vapid.claims.at("exp") == 1'795'334'400 + 3600);
    CHECK(vapid.claims.at("sub") == "mailto:it@hospital.example");
    CHECK(vapid.claims.size() == 3);
    CHECK(vapid.public_key == vapid_key(keys).public_point());
    CHECK(vapid.signature.size() == 64);
}

TEST_CASE("a stranger verifies the header's signature: the openssl command") {
    const keys::KeyRing keys(crypto::Secret::random(32));
    const auto vapid = made(keys);
    // RFC 5480: what stands before the point in a SubjectPublicKeyInfo of P-256.
    auto spki = from_hex("3059301306072a8648ce3d020106082a8648ce3d030107034200").value();
    spki.insert(spki.end(), vapid.public_key.begin(), vapid.public_key.end());

    const test::TemporaryFolder folder;
    folder.write("key.der", as_text(spki));
    folder.write("signature.der", as_text(crypto::ecdsa_signature_to_der(vapid.signature)));
    // Nothing that a stranger said is in the command.
    const auto verification_of = [&](const std::string& message) {
        folder.write(message + ".txt", message == "signed" ? vapid.signed_part : message);
        return "cd '" + folder.path().string() +
               "' && openssl pkey -pubin -inform DER -in key.der -out key.pem && openssl dgst "
               "-sha256 -verify key.pem -signature signature.der " +
               message + ".txt >/dev/null";
    };
    CHECK(succeeds(verification_of("signed")));
    CHECK_FALSE(succeeds(verification_of("another")));
}
