#include "base/keys/key_ring.h"

#include "base/core/fault.h"
#include "base/crypto/crypto.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <set>
#include <string>
#include <vector>

using namespace sallyport;
using namespace sallyport::keys;

namespace {

const std::vector<Purpose> purposes = {
    Purpose::password_pepper,
    Purpose::totp_seed,
    Purpose::vault_item,
    Purpose::recovery_code_mac,
    Purpose::ticket_mac,
    Purpose::recording_key,
    Purpose::backup_key,
    Purpose::unknown_identifier,
    Purpose::push_sender,
    Purpose::push_subscription,
    Purpose::push_enrolment,
    Purpose::badge_uid,
};

crypto::Secret master(std::byte fill) {
    Bytes bytes(32, fill);
    return crypto::Secret::take(bytes);
}

std::string hex_of(const crypto::Secret& secret) {
    return to_hex(secret.expose());
}

std::string text_of(const crypto::Secret& secret) {
    return std::string(as_text(secret.expose()));
}

}  // namespace

TEST_CASE("every purpose has a key and a name of its own") {
    const KeyRing ring(master(std::byte{1}));
    std::set<std::string> keys;
    std::set<std::string_view> names;
    for (const auto purpose : purposes) {
        CHECK(ring.key(purpose).size() == 32);
        keys.insert(to_hex(ring.key(purpose).expose()));
        names.insert(to_text(purpose));
    }
    CHECK(keys.size() == purposes.size());
    CHECK(names.size() == purposes.size());
    CHECK_FALSE(keys.contains(hex_of(master(std::byte{1}))));
}

// These values are in every database: changing the derivation would lose what was sealed.
TEST_CASE("keys are HKDF-SHA-256 of the master key with the purpose as info") {
    const KeyRing ring(master(std::byte{0x42}));
    const auto expected =
        crypto::hkdf_sha256(master(std::byte{0x42}), {}, "sallyport v1 vault_item", 32);
    CHECK(crypto::constant_time_equal(ring.key(Purpose::vault_item), expected));
    CHECK(
        to_hex(ring.mac(Purpose::password_pepper, as_bytes("x"))) ==
        "f52fa105dd09b095c36b70be5db60fb40a88741398372fa0ecd7846d31c1cc04"
    );
}

TEST_CASE("S0-47: what was sealed opens in its own row, purpose and key only") {
    const KeyRing ring(master(std::byte{1}));
    const KeyRing other(master(std::byte{2}));
    const auto sealed = ring.seal(Purpose::totp_seed, "row-1", as_bytes("a seed"));
    CHECK(text_of(ring.unseal(Purpose::totp_seed, "row-1", sealed)) == "a seed");
    CHECK_THROWS_AS(static_cast<void>(ring.unseal(Purpose::totp_seed, "row-2", sealed)), Fault);
    CHECK_THROWS_AS(static_cast<void>(ring.unseal(Purpose::vault_item, "row-1", sealed)), Fault);
    CHECK_THROWS_AS(static_cast<void>(other.unseal(Purpose::totp_seed, "row-1", sealed)), Fault);
    CHECK_THROWS_AS(static_cast<void>(ring.unseal(Purpose::totp_seed, "row-1", {})), Fault);
}

TEST_CASE("S0-10, S0-47: from a dump and without the master key nothing sealed can be read") {
    const KeyRing ring(crypto::Secret::random(32));
    const bool held = rc::check([&](const std::string& row) {
        const std::string canary = "canary-4711-" + row;
        const auto sealed = ring.seal(Purpose::vault_item, row, as_bytes(canary));
        RC_ASSERT(!as_text(sealed).contains("canary-4711"));
        const KeyRing thief(crypto::Secret::random(32));
        RC_ASSERT_THROWS_AS(
            static_cast<void>(thief.unseal(Purpose::vault_item, row, sealed)), Fault
        );
        RC_ASSERT(text_of(ring.unseal(Purpose::vault_item, row, sealed)) == canary);
    });
    CHECK(held);
}

TEST_CASE("a fault about a sealed value names the row and not the value") {
    const KeyRing ring(master(std::byte{1}));
    try {
        static_cast<void>(ring.unseal(Purpose::vault_item, "row-9", as_bytes("not sealed at all")));
        FAIL("it opened");
    } catch (const Fault& fault) {
        const std::string text = fault.what();
        CHECK(text.contains("vault_item"));
        CHECK(text.contains("row-9"));
        CHECK_FALSE(text.contains("not sealed"));
    }
}

TEST_CASE("MACs differ by purpose and message") {
    const KeyRing ring(master(std::byte{1}));
    CHECK(ring.mac(Purpose::ticket_mac, as_bytes("a")).size() == 32);
    CHECK(
        ring.mac(Purpose::ticket_mac, as_bytes("a")) == ring.mac(Purpose::ticket_mac, as_bytes("a"))
    );
    CHECK(
        ring.mac(Purpose::ticket_mac, as_bytes("a")) != ring.mac(Purpose::ticket_mac, as_bytes("b"))
    );
    CHECK(
        ring.mac(Purpose::ticket_mac, as_bytes("a")) !=
        ring.mac(Purpose::recovery_code_mac, as_bytes("a"))
    );
}

TEST_CASE("a master key of another size is a fault") {
    CHECK_THROWS_AS(KeyRing(crypto::Secret::random(31)), Fault);
    CHECK_THROWS_AS(KeyRing(crypto::Secret::random(0)), Fault);
}
