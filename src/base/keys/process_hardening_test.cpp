#include "base/keys/process_hardening.h"

#include "tests/support/temporary_folder.h"

#include "base/core/bytes.h"
#include "base/crypto/secret.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <rapidcheck.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

using namespace sallyport;
using namespace sallyport::keys;

namespace {

std::string answer(const std::vector<std::string>& variables) {
    std::vector<const char*> environment;
    for (const auto& variable : variables) {
        environment.push_back(variable.c_str());
    }
    environment.push_back(nullptr);
    const auto checked = check_environment(environment.data());
    if (checked) return "safe";
    CHECK(checked.error().reason == "environment.secret");
    return checked.error().detail;
}

// Runs `work` in a child and gives its wait status.
template <class Work>
int status_of_child(Work work) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::signal(SIGSEGV, SIG_DFL);
        ::_exit(work());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
}

}  // namespace

TEST_CASE("S0-61: a SALLYPORT_ variable that is no path is refused by name, never by value") {
    for (const std::string secret :
         {"hunter2", "1", "", "password=hunter2", "hunter2/../hunter2", "/etc\nhunter2"}) {
        const auto text = answer({"HOME=/root", "SALLYPORT_VAULT_PASSWORD=" + secret});
        CHECK(text.contains("SALLYPORT_VAULT_PASSWORD"));
        CHECK(text.contains("unset it"));
        CHECK_FALSE(text.contains("hunter2"));
    }
}

TEST_CASE("S0-61: a SALLYPORT_ variable that is a path is accepted") {
    const test::TemporaryFolder folder;
    CHECK(answer({"SALLYPORT_CONFIG=/etc/sallyport/sallyport.toml"}) == "safe");
    CHECK(answer({"SALLYPORT_CONFIG=" + folder.write("file", "")}) == "safe");
    const auto relative = std::filesystem::relative(folder.path()).string();
    CHECK(answer({"SALLYPORT_SESSION=" + relative}) == "safe");
    CHECK(answer({"SALLYPORT_SESSION=" + relative + "/none"}) != "safe");
    CHECK(answer({"XSALLYPORT_TOKEN=hunter2", "SALLYPORT=hunter2", "no equals sign"}) == "safe");
    CHECK(answer({}) == "safe");
}

TEST_CASE("S0-61: PGPASSWORD and a password in a PostgreSQL URL are refused") {
    CHECK(answer({"PGPASSWORD=hunter2"}).contains("PGPASSWORD"));
    CHECK_FALSE(answer({"PGPASSWORD=hunter2"}).contains("hunter2"));
    CHECK(answer({"PGPASSWORD="}) != "safe");
    for (const std::string url :
         {"postgres://anna:hunter2@db/sallyport",
          "postgresql://anna:hunter2@/x",
          "postgresql://db/x?password=hunter2",
          "postgres://anna:hun/ter2@db/x"}) {
        const auto text = answer({"DATABASE_URL=" + url});
        CHECK(text.contains("DATABASE_URL"));
        CHECK_FALSE(text.contains("ter2"));
    }
    CHECK(answer({"DATABASE_URL=postgres://anna@db:5432/x", "PGPASSFILE=/etc/pgpass"}) == "safe");
}

TEST_CASE("S0-61: no value is ever in the answer") {
    const bool held = rc::check([] {
        const auto value = *rc::gen::container<std::string>(32, rc::gen::inRange('!', '~'));
        for (const char* name : {"SALLYPORT_X=", "PGPASSWORD=", "URL=postgres://a:b@"}) {
            RC_ASSERT(!answer({name + value}).contains(value));
        }
    });
    CHECK(held);
}

TEST_CASE("S0-62: a hardened process leaves no core and can't be traced") {
    const int status = status_of_child([] {
        harden_process();
        rlimit cores{1, 1};
        if (::getrlimit(RLIMIT_CORE, &cores) != 0) return 1;
        if (cores.rlim_cur != 0 || cores.rlim_max != 0) return 2;
        if (::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0) return 3;
        return 0;
    });
    CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
}

TEST_CASE("S0-62: a hardened process that crashes writes nothing of its secrets") {
    const test::TemporaryFolder folder;
    const int status = status_of_child([&] {
        if (::chdir(folder.path().c_str()) != 0) return 1;
        const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
        static_cast<void>(::setrlimit(RLIMIT_CORE, &unlimited));
        harden_process();
        std::string canary = "canary-4711-in-memory";
        const auto kept = crypto::Secret::take(std::as_writable_bytes(std::span(canary)));
        ::raise(SIGSEGV);
        return static_cast<int>(kept.size());
    });
    REQUIRE(WIFSIGNALED(status));
    CHECK_FALSE(WCOREDUMP(status));
    CHECK(std::filesystem::is_empty(folder.path()));
}
