#include "base/core/log.h"

#include "tests/support/temporary_folder.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

using namespace sallyport;

namespace {

// What `work` writes to standard error.
template <class Work>
std::string standard_error_of(Work work) {
    const test::TemporaryFolder folder;
    const auto path = folder / "stderr";
    const int saved = ::dup(STDERR_FILENO);
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    REQUIRE(file >= 0);
    ::dup2(file, STDERR_FILENO);
    work();
    ::dup2(saved, STDERR_FILENO);
    ::close(saved);
    ::close(file);
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

}  // namespace

TEST_CASE("a line is one JSON object") {
    const auto text = standard_error_of([] {
        log::info("started", {{"address", "127.0.0.1:8443"}, {"connections", std::int64_t{-7}}});
    });
    CHECK(text.starts_with(R"({"time":"20)"));
    CHECK(text.ends_with(
        R"(,"level":"info","message":"started","address":"127.0.0.1:8443","connections":-7})"
        "\n"
    ));
}

TEST_CASE("lines below the level are dropped") {
    const auto text = standard_error_of([] {
        log::write(log::Level::debug, "unseen");
        log::set_level(log::Level::warning);
        log::info("unseen");
        log::warning("seen");
        log::set_level(log::Level::info);
    });
    CHECK_FALSE(text.contains("unseen"));
    CHECK(text.contains(R"("level":"warning","message":"seen")"));
}

TEST_CASE("a text from outside stays within its quotes and its line") {
    CHECK(log::json_quoted("") == R"("")");
    CHECK(log::json_quoted("a\"b\\c") == R"("a\"b\\c")");
    CHECK(log::json_quoted("line\nbreak\r\t") == R"("line\nbreak\u000d\u0009")");
    CHECK(log::json_quoted("\x1b[31mred") == R"("\u001b[31mred")");
    CHECK(log::json_quoted("\x7f\u0085") == R"("\u007f\u0085")");
    CHECK(log::json_quoted(std::string_view("\0", 1)) == R"("\u0000")");
    CHECK(log::json_quoted("\u00fc \xff\xc3") == "\"\u00fc \ufffd\ufffd\"");
}

TEST_CASE("a long text is cut") {
    const auto text = standard_error_of([] { log::info(std::string(1'000'000, 'x')); });
    CHECK(text.size() < 5000);
    CHECK(text.contains("... (cut)"));
}

TEST_CASE("threads do not mix their lines") {
    const auto text = standard_error_of([] {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([] {
                for (int j = 0; j < 100; ++j) {
                    log::info("from a thread", {{"text", std::string(300, 'y')}});
                }
            });
        }
    });
    std::istringstream lines(text);
    int count = 0;
    for (std::string line; std::getline(lines, line); ++count) {
        CHECK(line.starts_with(R"({"time":)"));
        CHECK(line.ends_with(R"(yyy"})"));
    }
    CHECK(count == 400);
}
