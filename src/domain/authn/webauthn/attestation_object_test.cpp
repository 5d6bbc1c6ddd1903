#include "domain/authn/webauthn/attestation_object.h"

#include "tests/support/cbor_writer.h"

#include <doctest/doctest.h>

#include <string>

namespace sallyport::authn::webauthn {

namespace {

namespace cbor = test::cbor;

cbor::Members members() {
    return {
        {cbor::text("fmt"), cbor::text("none")},
        {cbor::text("attStmt"), cbor::map({})},
        {cbor::text("authData"), cbor::bytes(as_bytes("data"))},
    };
}

std::string_view reason(const Bytes& encoded) {
    const auto object = parse_attestation_object(encoded);
    return object ? "accepted" : object.error().reason;
}

std::string_view reason_with(std::size_t index, Bytes value) {
    auto changed = members();
    changed.at(index).second = std::move(value);
    return reason(cbor::map(changed));
}

TEST_CASE("an attestation object comes out, in any order of its members") {
    auto reversed = members();
    std::swap(reversed.front(), reversed.back());
    for (const auto& encoded : {cbor::map(members()), cbor::map(reversed)}) {
        const auto object = parse_attestation_object(encoded).value();
        CHECK(object.format == "none");
        CHECK(object.statement.is_map());
        CHECK(as_text(object.authenticator_data) == "data");
    }
}

TEST_CASE("an attestation object has its three members, each of its kind") {
    for (std::size_t left_out = 0; left_out < 3; ++left_out) {
        auto fewer = members();
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(left_out));
        CHECK(reason(cbor::map(fewer)) == "webauthn.attestation_object");
    }
    CHECK(reason_with(0, cbor::bytes(as_bytes("none"))) == "webauthn.attestation_object");
    CHECK(reason_with(0, cbor::text(std::string(33, 'x'))) == "webauthn.attestation_object");
    CHECK(reason_with(1, cbor::array({})) == "webauthn.attestation_object");
    CHECK(reason_with(2, cbor::text("data")) == "webauthn.attestation_object");
    auto twice = members();
    twice.push_back(twice.back());
    CHECK(reason(cbor::map(twice)) == "webauthn.attestation_object");
    CHECK(reason(cbor::array({})) == "webauthn.attestation_object");
    CHECK(reason({}) == "webauthn.attestation_object");
}

TEST_CASE("an attestation object has a bound") {
    CHECK(reason_with(2, cbor::bytes(Bytes(60000))) == "accepted");
    CHECK(reason_with(2, cbor::bytes(Bytes(66000))) == "webauthn.attestation_object");
}

}  // namespace

}  // namespace sallyport::authn::webauthn
