#include "base/keys/key_file.h"

#include "tests/support/temporary_folder.h"

#include "base/core/bytes.h"
#include "base/core/fault.h"
#include "base/keys/key_ring.h"
#include "base/keys/log_key.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

using namespace sallyport;
using namespace sallyport::keys;

namespace {

const std::string digits = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

// What reading the key faults with; empty if it is read.
std::string fault_of(const std::string& path) {
    try {
        static_cast<void>(read_key_file(path));
        return {};
    } catch (const Fault& fault) {
        return fault.what();
    }
}

class CredentialsDirectory {
public:
    explicit CredentialsDirectory(const std::string& path) {
        ::setenv("CREDENTIALS_DIRECTORY", path.c_str(), 1);
    }

    CredentialsDirectory(const CredentialsDirectory&) = delete;
    CredentialsDirectory& operator=(const CredentialsDirectory&) = delete;

    ~CredentialsDirectory() { ::unsetenv("CREDENTIALS_DIRECTORY"); }
};

Bytes mac_of(const KeyRing& ring) {
    return ring.mac(Purpose::ticket_mac, {});
}

std::string hex_of(const crypto::Secret& secret) {
    return to_hex(secret.expose());
}

}  // namespace

TEST_CASE("a key is 64 lower-case hex digits, with a newline or not") {
    const test::TemporaryFolder folder;
    CHECK(hex_of(read_key_file(folder.write("a", digits))) == digits);
    CHECK(hex_of(read_key_file(folder.write("b", digits + "\n"))) == digits);
    for (const auto& bad :
         {std::string(),
          digits.substr(1),
          digits + "0",
          digits + "\n\n",
          digits + " ",
          "G" + digits.substr(1),
          "A" + digits.substr(1),
          digits + "\n" + digits}) {
        const auto path = folder.write("bad", bad);
        const auto text = fault_of(path);
        CHECK(text.contains(path));
        CHECK(text.contains("64 lower-case hex digits"));
        CHECK_FALSE(text.contains("0102030405"));
    }
}

TEST_CASE("a world-readable key file is a fault naming path, mode and remedy") {
    const test::TemporaryFolder folder;
    const auto path = folder.write("master.key", digits, 0644);
    const auto text = fault_of(path);
    CHECK(text.contains(path));
    CHECK(text.contains("0644"));
    CHECK(text.contains("chmod 0600"));
    CHECK_FALSE(text.contains("0102030405"));
    CHECK_THROWS_AS(static_cast<void>(load_key_ring(path)), Fault);
}

TEST_CASE("a symbolic link, a folder or nothing is no key file") {
    const test::TemporaryFolder folder;
    const auto link = folder / "link";
    REQUIRE(::symlink(folder.write("key", digits).c_str(), link.c_str()) == 0);
    CHECK(fault_of(link).contains("symbolic link"));
    CHECK(fault_of(folder.path()).contains("not a regular file"));
    CHECK(fault_of(folder / "none").contains("sallyport init"));
}

TEST_CASE("a new key file has mode 0600, is read back and never overwritten") {
    const test::TemporaryFolder folder;
    const auto path = folder / "master.key";
    const mode_t before = ::umask(0);
    create_master_key(path);
    ::umask(before);
    struct stat status{};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 07777U) == 0600);
    const auto mac = mac_of(load_key_ring(path));
    CHECK_THROWS_AS(create_master_key(path), Fault);
    CHECK(mac_of(load_key_ring(path)) == mac);
    CHECK_THROWS_AS(create_master_key(folder / "no/folder/master.key"), Fault);

    create_master_key(folder / "other.key");
    CHECK(mac_of(load_key_ring(folder / "other.key")) != mac);
}

TEST_CASE("a key file is replaced with the old one kept, also when that was cut off in the middle"
) {
    const test::TemporaryFolder folder;
    const std::string sevens(64, '7');
    const auto path = folder.write("log.key", digits);
    const auto next = folder.write("log.key.next", sevens);
    const auto kept = folder / "log.key.old";

    CHECK_THROWS_AS(
        replace_key_file(path, next, folder.write("other", std::string(64, '8'))), Fault
    );
    CHECK(hex_of(read_key_file(path)) == digits);

    SUBCASE("at once") {}
    SUBCASE("after a cut between the two steps") {
        std::filesystem::create_hard_link(path, kept);
    }
    SUBCASE("after such a cut, on a copy of the folder") {
        CHECK(folder.write("log.key.old", digits) == kept);
    }
    replace_key_file(path, next, kept);
    CHECK(hex_of(read_key_file(path)) == sevens);
    CHECK(hex_of(read_key_file(kept)) == digits);
    CHECK_FALSE(std::filesystem::exists(next));
    CHECK_THROWS_AS(replace_key_file(path, next, folder / "another.old"), Fault);
    CHECK(hex_of(read_key_file(path)) == sevens);
}

TEST_CASE("no key is made through a symbolic link") {
    const test::TemporaryFolder folder;
    const auto link = folder / "link";
    REQUIRE(::symlink((folder / "elsewhere").c_str(), link.c_str()) == 0);
    CHECK_THROWS_AS(create_master_key(link), Fault);
    CHECK(::access((folder / "elsewhere").c_str(), F_OK) != 0);
}

TEST_CASE("the log's key signs with the key of its file") {
    const test::TemporaryFolder folder;
    const auto path = folder / "log.key";
    create_log_key(path);
    const auto first = load_log_key(path).public_key();
    CHECK(load_log_key(path).public_key() == first);
    const auto fixed = load_log_key(
        folder.write("rfc", "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    );
    CHECK(
        to_hex(fixed.public_key()) ==
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    );
}

TEST_CASE("a systemd credential goes before the configured file") {
    const test::TemporaryFolder credentials;
    const test::TemporaryFolder folder;
    const auto configured = folder.write("master.key", digits);
    const auto of_configured = mac_of(load_key_ring(configured));
    const CredentialsDirectory set(credentials.path());
    CHECK(mac_of(load_key_ring(configured)) == of_configured);  // no master.key among them

    const std::string other(64, '7');
    credentials.write("master.key", other, 0440);  // as systemd grants by ACL
    CHECK(master_key_credential() == credentials / "master.key");
    CHECK(mac_of(load_key_ring(configured)) == mac_of(load_key_ring("/nowhere")));
    CHECK(mac_of(load_key_ring(configured)) != of_configured);
}

TEST_CASE("a bad credential is a fault, not a reason to take the file") {
    const test::TemporaryFolder credentials;
    const test::TemporaryFolder folder;
    const auto configured = folder.write("master.key", digits);
    credentials.write("master.key", digits, 0444);
    const CredentialsDirectory set(credentials.path());
    CHECK_THROWS_AS(static_cast<void>(load_key_ring(configured)), Fault);
}
