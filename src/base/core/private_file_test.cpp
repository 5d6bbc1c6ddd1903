#include "base/core/private_file.h"

#include "tests/support/temporary_folder.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

using namespace sallyport;

namespace {

std::string answer(const std::string& path, PrivateFileKind kind = PrivateFileKind::own) {
    const auto file = open_private_file(path, kind);
    return file ? "opened" : file.error().detail;
}

}  // namespace

TEST_CASE("a file that only its owner can read is opened") {
    const test::TemporaryFolder folder;
    CHECK(answer(folder.write("a", "x", 0600)) == "opened");
    CHECK(answer(folder.write("b", "x", 0400)) == "opened");
}

TEST_CASE("a file that others can read or change is refused with path, mode and remedy") {
    const test::TemporaryFolder folder;
    for (const unsigned mode : {0604U, 0640U, 0602U, 0620U, 0644U, 0666U, 0700U, 0601U}) {
        const auto path = folder.write("key", "x", mode);
        const auto text = answer(path);
        CHECK(text.contains(path));
        CHECK(text.contains("chmod 0600"));
        char spelt[8];
        std::snprintf(spelt, sizeof spelt, "%04o", mode);
        CHECK(text.contains(spelt));
        CHECK(open_private_file(path).error().reason == "private_file.unsafe");
    }
}

TEST_CASE("systemd may let a group read a credential by ACL, but never others") {
    const test::TemporaryFolder folder;
    const auto kind = PrivateFileKind::systemd_credential;
    CHECK(answer(folder.write("a", "x", 0440), kind) == "opened");
    CHECK(answer(folder.write("b", "x", 0444), kind).contains("0444"));
    CHECK(answer(folder.write("c", "x", 0460), kind).contains("0460"));
}

TEST_CASE("symbolic links, folders and pipes are refused") {
    const test::TemporaryFolder folder;
    const auto file = folder.write("file", "x");
    const auto link = folder / "link";
    REQUIRE(::symlink(file.c_str(), link.c_str()) == 0);
    CHECK(answer(link).contains("symbolic link"));
    CHECK(answer(folder.path()).contains("not a regular file"));
    const auto pipe = folder / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    CHECK(answer(pipe).contains("not a regular file"));
}

TEST_CASE("a missing file is told apart from an unsafe one") {
    const test::TemporaryFolder folder;
    const auto file = open_private_file(folder / "none");
    REQUIRE_FALSE(file);
    CHECK(file.error().reason == "private_file.absent");
    CHECK(file.error().detail.contains(folder / "none"));
}

TEST_CASE("a file of another owner is refused") {
    if (::geteuid() != 0) return;  // only root can give a file away
    const test::TemporaryFolder folder;
    const auto path = folder.write("key", "x");
    REQUIRE(::chown(path.c_str(), 65534, 65534) == 0);
    CHECK(answer(path).contains("belongs to user id 65534"));
    CHECK(answer(path, PrivateFileKind::systemd_credential).contains("belongs to user id 65534"));
}
