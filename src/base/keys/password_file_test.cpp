#include "base/keys/password_file.h"

#include "tests/support/temporary_folder.h"

#include "base/core/bytes.h"
#include "base/core/fault.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <string>
#include <string_view>

namespace sallyport::keys {

namespace {

std::string read_back(std::string_view content, mode_t mode = 0600) {
    const test::TemporaryFolder folder;
    const auto path = folder.write("password", std::string(content));
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    const auto password = read_password_file(path, std::nullopt);
    return std::string(as_text(password.expose()));
}

TEST_CASE("a password file's one line is the password") {
    CHECK(read_back("correct horse\n") == "correct horse");
    CHECK(read_back("correct horse\r\n") == "correct horse");
    CHECK(read_back(" with blanks ") == " with blanks ");
    CHECK(read_back(std::string(256, 'a')).size() == 256);
}

TEST_CASE("a password file that is empty, long or of several lines is a fault") {
    for (const auto& content :
         {std::string(),
          std::string("\n"),
          std::string("one\ntwo\n"),
          std::string("a\0b", 3),
          std::string(257, 'a'),
          std::string(10'000, 'a')}) {
        CHECK_THROWS_AS(read_back(content), Fault);
    }
}

TEST_CASE("a password file that others can read is a fault") {
    CHECK_THROWS_AS(read_back("secret\n", 0644), Fault);
    CHECK_THROWS_AS(read_back("secret\n", 0660), Fault);
    CHECK_THROWS_AS(static_cast<void>(read_password_file("/nowhere/at/all", std::nullopt)), Fault);
}

}  // namespace

}  // namespace sallyport::keys
