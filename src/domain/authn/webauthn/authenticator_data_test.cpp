#include "domain/authn/webauthn/authenticator_data.h"

#include "tests/support/webauthn_ceremony.h"

#include <doctest/doctest.h>

namespace sallyport::authn::webauthn {

namespace {

namespace cbor = test::cbor;
using test::CeremonyPlan;

std::string_view reason(BytesView bytes) {
    const auto data = parse_authenticator_data(bytes);
    return data ? "accepted" : data.error().reason;
}

CeremonyPlan with_extensions(Bytes extensions) {
    CeremonyPlan plan;
    plan.flags |= test::flag_ed;
    plan.after = std::move(extensions);
    return plan;
}

TEST_CASE("authenticator data come out") {
    auto plan = with_extensions(cbor::map({{cbor::text("credProtect"), cbor::integer(2)}}));
    plan.flags |= test::flag_be | test::flag_bs;
    plan.sign_count = 0xFEDCBA98;
    const auto data = parse_authenticator_data(test::authenticator_data(plan)).value();
    CHECK(data.rp_id_hash == crypto::sha256(as_bytes(plan.rp_id)));
    CHECK(data.user_present);
    CHECK(data.user_verified);
    CHECK(data.backup_eligible);
    CHECK(data.backup_state);
    CHECK(data.sign_count == 0xFEDCBA98);
    REQUIRE(data.credential.has_value());
    CHECK(data.credential->id == plan.credential_id);
    CHECK(data.credential->public_key == plan.key.cose());
    CHECK(data.extensions == plan.after);
}

TEST_CASE("each flag is its own bit, and reserved bits are read by nobody") {
    const auto parsed = [](std::uint8_t flags) {
        CeremonyPlan plan;
        plan.flags = flags;
        return parse_authenticator_data(test::authenticator_data(plan)).value();
    };
    CHECK(parsed(0x01).user_present);
    CHECK(parsed(0x04).user_verified);
    CHECK(parsed(0x08).backup_eligible);
    CHECK(parsed(0x10).backup_state);
    const auto reserved = parsed(0x22);
    CHECK_FALSE(reserved.user_present);
    CHECK_FALSE(reserved.user_verified);
    CHECK_FALSE(reserved.backup_eligible);
    CHECK_FALSE(reserved.backup_state);
    CHECK_FALSE(reserved.credential.has_value());
}

TEST_CASE("no front of authenticator data is whole, and nothing may follow") {
    const auto whole =
        test::authenticator_data(with_extensions(cbor::map({{cbor::text("a"), cbor::integer(1)}})));
    CHECK(reason(whole) == "accepted");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CAPTURE(size);
        CHECK(reason(BytesView(whole).first(size)) == "webauthn.authenticator_data");
    }
    CHECK(reason(cbor::joined(whole, Bytes(1))) == "webauthn.authenticator_data");
}

TEST_CASE("flags and content agree") {
    CeremonyPlan plan;
    plan.flags |= test::flag_ed;  // and no extensions
    CHECK(reason(test::authenticator_data(plan)) == "webauthn.authenticator_data");
    plan = {};
    plan.after = cbor::map({});  // extensions, and no flag
    CHECK(reason(test::authenticator_data(plan)) == "webauthn.authenticator_data");
}

TEST_CASE("extensions are a map with names") {
    const auto with = [](Bytes extensions) {
        return reason(test::authenticator_data(with_extensions(std::move(extensions))));
    };
    CHECK(with(cbor::map({})) == "accepted");
    CHECK(with(cbor::array({})) == "webauthn.authenticator_data");
    CHECK(with(cbor::map({{cbor::integer(1), cbor::integer(1)}})) == "webauthn.authenticator_data");
    const auto name = cbor::text("a");
    CHECK(
        with(cbor::map({{name, cbor::integer(1)}, {name, cbor::integer(2)}})) ==
        "webauthn.authenticator_data"
    );
}

TEST_CASE("a credential id has 16 to 1,023 bytes") {
    const auto with = [](std::size_t size) {
        CeremonyPlan plan;
        plan.credential_id = Bytes(size, std::byte{1});
        return reason(test::authenticator_data(plan));
    };
    CHECK(with(15) == "webauthn.credential_id");
    CHECK(with(16) == "accepted");
    CHECK(with(1023) == "accepted");
    CHECK(with(1024) == "webauthn.credential_id");
}

TEST_CASE("authenticator data have a bound") {
    const Bytes large(authenticator_data_size_max + 1);
    CHECK(reason(large) == "webauthn.authenticator_data");
}

}  // namespace

}  // namespace sallyport::authn::webauthn
