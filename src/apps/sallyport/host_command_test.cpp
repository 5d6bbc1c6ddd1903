#include "apps/sallyport/host_command.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <string>

namespace sallyport::cli {

namespace {

constexpr uid_t nameless = 3999999999;

TEST_CASE("the record says who ran a command, by number and name") {
    CHECK(os_user({.uid = 0}) == "uid=0(root)");
    CHECK(os_user({.uid = nameless}) == "uid=3999999999");
    CHECK(os_user(host_user()).starts_with("uid=" + std::to_string(geteuid())));
    CHECK(host_command("why").reason == "why");
    CHECK(host_command("why").os_user == os_user(host_user()));
}

TEST_CASE("the record says who signed in to the host before becoming somebody else there") {
    CHECK(
        os_user({.uid = nameless, .login_uid = "3999999998"}) == "uid=3999999999 login=3999999998"
    );
    for (const auto* const unknown : {"", "4294967295", "-1", "1001x", "x", "99999999999"}) {
        CAPTURE(unknown);
        CHECK(os_user({.uid = 0, .login_uid = unknown, .sudo_uid = unknown}) == "uid=0(root)");
    }
}

TEST_CASE("what sudo says is believed of root's processes alone") {
    CHECK(os_user({.uid = 0, .sudo_uid = "3999999998"}) == "uid=0(root) sudo=3999999998");
    CHECK(os_user({.uid = nameless, .sudo_uid = "0"}) == "uid=3999999999");
}

}  // namespace

}  // namespace sallyport::cli
