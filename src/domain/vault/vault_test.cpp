#include "domain/vault/vault.h"

#include "tests/support/databases.h"
#include "tests/support/hospital.h"

#include "base/core/fault.h"
#include "domain/audit/log.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>

namespace sallyport::vault {

namespace {

using namespace std::chrono_literals;
using policy::Permission;
using test::Hospital;
using test::Somebody;

constexpr std::string_view canary = "biomed-CANARY-7731";

crypto::Secret secret(std::string_view text) {
    const auto view = as_bytes(text);
    std::vector<std::byte> bytes(view.begin(), view.end());
    return crypto::Secret::take(bytes);
}

keys::KeyRing ring_of(std::byte fill) {
    std::vector<std::byte> master(32, fill);
    return keys::KeyRing(crypto::Secret::take(master));
}

std::string opened(const LentCredential& credential) {
    return std::string(as_text(credential.password.expose()));
}

// An administrator who stores, an engineer who visits, two pumps.
struct Ward {
    explicit Ward(store::Database& database)
        : hospital(database),
          administrator(hospital.employ("adam", "gateway_administrator")),
          engineer(hospital.employ("erik", "engineer")),
          pump(hospital.device("pump-07", administrator.account.id).id),
          other_pump(hospital.device("pump-08", administrator.account.id).id) {}

    Result<Item> store(
        const DeviceId& device, std::string_view text, const std::string& user = "svc"
    ) {
        const auto permit = hospital.permit(administrator, Permission::vault_manage, device);
        return hospital.database().write([&](store::Tx& tx) {
            return vault.put(
                tx, hospital.moment(), permit, device, user, secret(text), administrator.actor()
            );
        });
    }

    [[nodiscard]] policy::GrantFacts grant(const DeviceId& device) {
        const auto now = hospital.clock().now();
        return {
            .id = GrantId::from_bytes(IdBytes{std::byte{42}}),
            .requester = engineer.account.id,
            .device = device,
            .approved = true,
            .from = now - 1min,
            .until = now + 1h,
        };
    }

    [[nodiscard]] policy::Permit visit(const DeviceId& device) {
        return hospital.permit(engineer, Permission::device_visit, device, grant(device));
    }

    Result<LentCredential> lend(const policy::Permit& permit, const audit::Actor& actor) {
        return hospital.database().write([&](store::Tx& tx) {
            return vault.lend(tx, hospital.moment(), permit, connection, actor);
        });
    }

    std::vector<audit::Entry> events(const std::string& type) {
        return hospital.database().read([&](store::Tx& tx) {
            return audit::list(tx, {.type_prefix = type});
        });
    }

    keys::KeyRing keys = ring_of(std::byte{7});
    Vault vault{keys};
    Hospital hospital;
    Somebody administrator;
    Somebody engineer;
    DeviceId pump;
    DeviceId other_pump;
    ConnectionId connection = ConnectionId::from_bytes(IdBytes{std::byte{11}});
};

TEST_CASE(
    "S2-24: a secret is lent to one connection, and the event names person, grant, device, session"
) {
    test::for_each_engine([](store::Database& database) {
        Ward ward(database);
        REQUIRE(ward.store(ward.pump, canary).has_value());

        const auto lent = ward.lend(ward.visit(ward.pump), ward.engineer.actor());

        REQUIRE(lent.has_value());
        CHECK(opened(*lent) == canary);
        CHECK(lent->user_name == "svc");
        CHECK_FALSE(lent->unmaskable);

        const auto used = ward.events("vault.secret_used");
        REQUIRE(used.size() == 1);
        const auto& leaf = used[0].leaf_json;
        for (const auto& named :
             {ward.engineer.account.person.text(),
              ward.engineer.account.id.text(),
              ward.grant(ward.pump).id.text(),
              ward.pump.text(),
              ward.engineer.session.text(),
              ward.connection.text()}) {
            CAPTURE(named);
            CHECK(leaf.find(named) != std::string::npos);
        }
        CHECK(used[0].account_name == "erik");
        CHECK(leaf.find(canary) == std::string::npos);
        CHECK(used[0].personal_json.find(canary) == std::string::npos);
    });
}

TEST_CASE("S2-24: every visit fetches the secret anew, each time recorded") {
    test::for_each_engine([](store::Database& database) {
        Ward ward(database);
        REQUIRE(ward.store(ward.pump, canary).has_value());
        for (int i = 0; i < 3; ++i) {
            CHECK(ward.lend(ward.visit(ward.pump), ward.engineer.actor()).has_value());
        }
        CHECK(ward.events("vault.secret_used").size() == 3);
        static_assert(!std::is_copy_constructible_v<LentCredential>);
    });
}

TEST_CASE("only a Permit for this visit, in the hands of who it was made for, opens the vault") {
    test::for_each_engine([](store::Database& database) {
        Ward ward(database);
        REQUIRE(ward.store(ward.pump, canary).has_value());
        const auto other = ward.hospital.employ("eva", "engineer");

        const auto wrong_action =
            ward.hospital.permit(ward.engineer, Permission::grant_request, ward.pump);
        CHECK(
            ward.lend(wrong_action, ward.engineer.actor()).error().reason == "vault.wrong_permit"
        );
        const auto managing =
            ward.hospital.permit(ward.administrator, Permission::vault_manage, ward.pump);
        CHECK(
            ward.lend(managing, ward.administrator.actor()).error().reason == "vault.wrong_permit"
        );
        CHECK(
            ward.lend(ward.visit(ward.pump), other.actor()).error().reason == "vault.wrong_permit"
        );
        auto other_session = ward.engineer.actor();
        other_session.session = other.session;
        CHECK(
            ward.lend(ward.visit(ward.pump), other_session).error().reason == "vault.wrong_permit"
        );

        const auto permit = ward.visit(ward.pump);
        ward.hospital.clock().advance(1h);
        const auto late = ward.lend(permit, ward.engineer.actor());
        CHECK(late.error().reason == "vault.permit_over");
        CHECK(late.error().kind == Refusal::expired);

        CHECK(ward.events("vault.secret_used").empty());
        CHECK(ward.events("vault.checkout_denied").size() == 5);
    });
}

TEST_CASE("a device without a secret lends none, and says so") {
    test::for_each_engine([](store::Database& database) {
        Ward ward(database);
        REQUIRE(ward.store(ward.pump, canary).has_value());
        const auto lent = ward.lend(ward.visit(ward.other_pump), ward.engineer.actor());
        CHECK(lent.error().reason == "vault.no_secret");
        CHECK(lent.error().kind == Refusal::not_found);
        CHECK(ward.events("vault.checkout_denied").size() == 1);
    });
}

TEST_CASE("storing needs vault_manage on that very device") {
    test::for_each_engine([](store::Database& database) {
        Ward ward(database);
        const auto put =
            [&](const policy::Permit& permit, const DeviceId& device, const Somebody& who) {
                return database.write([&](store::Tx& tx) {
                    return ward.vault
                        .put(
                            tx,
                            ward.hospital.moment(),
                            permit,
                            device,
                            "svc",
                            secret(canary),
                            who.actor()
                        )
                        .error()
                        .reason;
                });
            };
        const auto for_pump =
            ward.hospital.permit(ward.administrator, Permission::vault_manage, ward.pump);
        const auto for_none = ward.hospital.permit(ward.administrator, Permission::vault_manage);
        const auto device_manage =
            ward.hospital.permit(ward.administrator, Permission::device_manage, ward.pump);
        CHECK(put(for_pump, ward.other_pump, ward.administrator) == "vault.wrong_permit");
        CHECK(put(for_none, ward.pump, ward.administrator) == "vault.wrong_permit");
        CHECK(put(device_manage, ward.pump, ward.administrator) == "vault.wrong_permit");
        CHECK(put(for_pump, ward.pump, ward.engineer) == "vault.wrong_permit");
        CHECK(
            ward.hospital.ask(ward.engineer, Permission::vault_manage, ward.pump).error().reason ==
            "policy.not_in_role"
        );
        CHECK(ward.events("vault.").empty());
    });
}

TEST_CASE("S0-37: storing a secret needs a proof of the last 5 minutes") {
    test::SqliteFixture fixture;
    Ward ward(fixture.database());
    ward.hospital.clock().advance(301s);
    CHECK(
        ward.hospital.ask(ward.administrator, Permission::vault_manage, ward.pump).error().reason ==
        "policy.step_up"
    );
}

TEST_CASE("a replaced secret is a new version; who stored the old one stays a keeper") {
    test::for_each_engine([](store::Database& database) {
        Ward ward(database);
        const auto first = ward.store(ward.pump, "old-secret").value();
        const auto adam = ward.administrator;
        ward.administrator = ward.hospital.employ("berta", "gateway_administrator");
        const auto second = ward.store(ward.pump, "new-secret", "svc2").value();

        CHECK(first.version == 1);
        CHECK(second.version == 2);
        CHECK(second.id == first.id);
        database.read([&](store::Tx& tx) {
            const auto item = ward.vault.find(tx, ward.pump);
            REQUIRE(item.has_value());
            CHECK(item->version == 2);
            CHECK(item->user_name == "svc2");
            CHECK(item->stored_by == ward.administrator.account.id);
            auto keepers = ward.vault.stored_by(tx, ward.pump);
            auto expected = std::vector{adam.account.id, ward.administrator.account.id};
            std::ranges::sort(keepers);
            std::ranges::sort(expected);
            CHECK((keepers == expected));
            CHECK(ward.vault.stored_by(tx, ward.other_pump).empty());
        });
        CHECK(
            opened(ward.lend(ward.visit(ward.pump), ward.engineer.actor()).value()) == "new-secret"
        );
        CHECK(ward.events("vault.secret_stored").size() == 2);
    });
}

TEST_CASE(
    "S2-25: secrets under 6 bytes are flagged: they can't be masked without masking what is honest"
) {
    test::for_each_engine([](store::Database& database) {
        Ward ward(database);
        CHECK(ward.store(ward.pump, "12345").value().unmaskable);
        CHECK(ward.lend(ward.visit(ward.pump), ward.engineer.actor()).value().unmaskable);
        CHECK_FALSE(ward.store(ward.pump, "123456").value().unmaskable);
        CHECK_FALSE(ward.lend(ward.visit(ward.pump), ward.engineer.actor()).value().unmaskable);
    });
}

// What is at an address, asked of the kernel, so that looking at released memory is no error of
// ours. Empty if nothing is there any more.
std::string memory_at(const std::byte* address, std::size_t size) {
    std::string copy(size, '\0');
    const iovec to{copy.data(), size};
    const iovec from{const_cast<std::byte*>(address), size};
    const auto got = ::process_vm_readv(::getpid(), &to, 1, &from, 1, 0);
    copy.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return copy;
}

TEST_CASE("S2-24: where a lent secret was, nothing is left of it once it goes") {
    test::SqliteFixture fixture;
    Ward ward(fixture.database());
    REQUIRE(ward.store(ward.pump, canary).has_value());
    const std::byte* where = nullptr;
    {
        const auto lent = ward.lend(ward.visit(ward.pump), ward.engineer.actor());
        REQUIRE(lent.has_value());
        where = lent->password.expose().data();
        REQUIRE(memory_at(where, canary.size()) == canary);
    }
    const auto after = memory_at(where, canary.size());
    CHECK(std::ranges::all_of(after, [](char c) { return c == '\0'; }));
}

TEST_CASE("what is no secret or no user name is refused") {
    test::for_each_engine([](store::Database& database) {
        Ward ward(database);
        CHECK(ward.store(ward.pump, "").error().reason == "vault.secret_empty");
        CHECK(ward.store(ward.pump, std::string(1024, 'x')).has_value());
        CHECK(
            ward.store(ward.pump, std::string(1025, 'x')).error().reason == "vault.secret_too_long"
        );
        CHECK(ward.store(ward.pump, canary, "").has_value());
        CHECK(ward.store(ward.pump, canary, "a:b").error().reason == "vault.user_name_malformed");
        CHECK(
            ward.store(ward.pump, canary, "a\r\nX: y").error().reason == "vault.user_name_malformed"
        );
        CHECK(
            ward.store(ward.pump, canary, std::string(256, 'u')).error().reason ==
            "vault.user_name_malformed"
        );
        database.write([&](store::Tx& tx) {
            directory::set_device_state(tx, ward.other_pump, directory::DeviceState::retired);
        });
        CHECK(ward.store(ward.other_pump, canary).error().reason == "device.retired");
        CHECK(
            ward.store(DeviceId::from_bytes(IdBytes{std::byte{1}}), canary).error().reason ==
            "device.unknown"
        );
    });
}

// Somebody with the database but without the keys.
void tamper(
    store::Database& database, const std::string& sql, const std::vector<store::Value>& values
) {
    database.write([&](store::Tx& tx) { REQUIRE(tx.execute(sql, values) >= 1); });
}

TEST_CASE("ciphertext moved to another device, item, version or user name does not open") {
    test::for_each_engine([](store::Database& database) {
        Ward ward(database);
        const auto item = ward.store(ward.pump, "secret-of-pump-07").value();
        const auto other = ward.store(ward.other_pump, "secret-of-pump-08").value();
        const auto lend = [&](const DeviceId& device) {
            return ward.lend(ward.visit(device), ward.engineer.actor());
        };
        const auto sealed = database.read([&](store::Tx& tx) {
            return tx.query("SELECT sealed FROM vault_item WHERE id = ?", {store::value(item.id)})
                .at(0)
                .blob(0);
        });

        // The bytes of one row in the other.
        tamper(
            database,
            "UPDATE vault_item SET sealed = ? WHERE id = ?",
            {sealed, store::value(other.id)}
        );
        CHECK_THROWS_AS(std::ignore = lend(ward.other_pump), Fault);

        // The whole row pointed at another device.
        tamper(database, "DELETE FROM vault_item WHERE id = ?", {store::value(other.id)});
        tamper(
            database,
            "UPDATE vault_item SET device_id = ? WHERE id = ?",
            {store::value(ward.other_pump), store::value(item.id)}
        );
        CHECK_THROWS_AS(std::ignore = lend(ward.other_pump), Fault);
        tamper(
            database,
            "UPDATE vault_item SET device_id = ? WHERE id = ?",
            {store::value(ward.pump), store::value(item.id)}
        );
        CHECK(lend(ward.pump).has_value());

        tamper(database, "UPDATE vault_item SET version = version + 1", {});
        CHECK_THROWS_AS(std::ignore = lend(ward.pump), Fault);
        tamper(database, "UPDATE vault_item SET version = version - 1, user_name = 'root'", {});
        CHECK_THROWS_AS(std::ignore = lend(ward.pump), Fault);
        tamper(database, "UPDATE vault_item SET user_name = 'svc', unmaskable = 1", {});
        CHECK_THROWS_AS(std::ignore = lend(ward.pump), Fault);
        tamper(database, "UPDATE vault_item SET unmaskable = 0", {});
        CHECK(lend(ward.pump).has_value());

        CHECK(ward.events("vault.secret_used").size() == 2);  // a fault lends nothing
    });
}

TEST_CASE("one changed byte anywhere in the ciphertext, and it does not open") {
    test::SqliteFixture fixture;
    Ward ward(fixture.database());
    REQUIRE(ward.store(ward.pump, canary).has_value());
    const auto sealed = fixture.database().read([&](store::Tx& tx) {
        return tx.query("SELECT sealed FROM vault_item").at(0).blob(0);
    });
    for (std::size_t at = 0; at < sealed.size(); ++at) {
        auto changed = sealed;
        changed[at] ^= std::byte{1};
        tamper(fixture.database(), "UPDATE vault_item SET sealed = ?", {changed});
        CHECK_THROWS_AS(
            std::ignore = ward.lend(ward.visit(ward.pump), ward.engineer.actor()), Fault
        );
    }
}

TEST_CASE("under another master key nothing opens") {
    test::SqliteFixture fixture;
    Ward ward(fixture.database());
    REQUIRE(ward.store(ward.pump, canary).has_value());
    const auto other_keys = ring_of(std::byte{8});
    const Vault stolen(other_keys);
    const auto permit = ward.visit(ward.pump);
    CHECK_THROWS_AS(
        fixture.database().write([&](store::Tx& tx) {
            std::ignore = stolen.lend(
                tx, ward.hospital.moment(), permit, ward.connection, ward.engineer.actor()
            );
        }),
        Fault
    );
}

TEST_CASE("S0-10, L-06: no password lies in the database in clear, in no file and under no encoding"
) {
    test::TemporaryFolder folder;
    {
        const auto database = store::open_sqlite({.path = folder.file("sallyport.db")});
        store::migrate(*database);
        Ward ward(*database);
        REQUIRE(ward.store(ward.pump, canary).has_value());
        REQUIRE(ward.lend(ward.visit(ward.pump), ward.engineer.actor()).has_value());
    }
    const auto bytes = as_bytes(canary);
    const std::vector<std::string> spellings{
        std::string(canary),
        to_hex(bytes),
        to_base64(bytes).substr(0, 20),
        to_base64url(bytes).substr(0, 20)
    };
    int files = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder.path())) {
        if (!file.is_regular_file()) continue;
        std::ifstream in(file.path(), std::ios::binary);
        const std::string content{std::istreambuf_iterator<char>(in), {}};
        for (const auto& spelling : spellings) {
            CHECK(content.find(spelling) == std::string::npos);
        }
        ++files;
    }
    CHECK(files >= 1);
}

TEST_CASE("L-06: what is listed about an item has no secret, and none was put into the environment"
) {
    test::SqliteFixture fixture;
    Ward ward(fixture.database());
    REQUIRE(ward.store(ward.pump, canary).has_value());
    REQUIRE(ward.lend(ward.visit(ward.pump), ward.engineer.actor()).has_value());
    const auto items = fixture.database().read([&](store::Tx& tx) { return ward.vault.list(tx); });
    REQUIRE(items.size() == 1);
    CHECK(items[0].user_name == "svc");
    for (char** entry = environ; *entry != nullptr; ++entry) {
        CHECK(std::string_view(*entry).find(canary) == std::string_view::npos);
    }
}

TEST_CASE("whatever bytes a secret has, they come back as they went in") {
    test::SqliteFixture fixture;
    Ward ward(fixture.database());
    const bool held = rc::check([&] {
        const auto text = *rc::gen::suchThat(
            rc::gen::container<std::string>(rc::gen::arbitrary<char>()),
            [](const std::string& s) { return !s.empty() && s.size() <= 1024; }
        );
        RC_ASSERT(ward.store(ward.pump, text).has_value());
        RC_ASSERT(opened(ward.lend(ward.visit(ward.pump), ward.engineer.actor()).value()) == text);
    });
    CHECK(held);
}

}  // namespace

}  // namespace sallyport::vault
