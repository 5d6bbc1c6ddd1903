#include "apps/sallyport/commands/output_file.h"

#include "apps/sallyport/command.h"
#include "tests/support/temporary_folder.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

using namespace sallyport;
using cli::OutputFile;

namespace {

std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

TEST_CASE("an output file has its name once it is whole, and is private") {
    const test::TemporaryFolder folder;
    const auto path = folder.file("visit.har");
    OutputFile file(path);
    file.write("one ");
    file.write("two");
    CHECK_FALSE(std::filesystem::exists(path));
    file.finish();
    CHECK(content_of(path) == "one two");
    CHECK_FALSE(std::filesystem::exists(path + ".part"));
    struct stat status{};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0600U);
}

TEST_CASE("an output file that was not finished leaves nothing") {
    const test::TemporaryFolder folder;
    const auto path = folder.file("visit.har");
    {
        OutputFile file(path);
        file.write("half");
        CHECK(std::filesystem::exists(path + ".part"));
    }
    CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("a file written at once replaces what a killed process left of it, and nothing else") {
    const test::TemporaryFolder folder;
    const auto path = folder.file("password-cost.json");
    folder.write("password-cost.json.part", "ha");
    cli::write_private_file(path, "whole");
    CHECK(content_of(path) == "whole");
    CHECK_THROWS_AS(cli::write_private_file(path, "another"), cli::CommandFailed);
    CHECK(content_of(path) == "whole");
}

TEST_CASE("nothing is overwritten, whenever it came to be there") {
    const test::TemporaryFolder folder;
    const auto path = folder.write("visit.har", "older");
    CHECK_THROWS_AS(OutputFile{path}, cli::CommandFailed);

    const auto late = folder.file("late.har");
    {
        OutputFile file(late);
        file.write("newer");
        CHECK_THROWS_AS(OutputFile{late}, cli::CommandFailed);
        folder.write("late.har", "older");
        CHECK_THROWS_AS(file.finish(), cli::CommandFailed);
    }
    CHECK(content_of(late) == "older");
    CHECK_FALSE(std::filesystem::exists(late + ".part"));
}

namespace {

// No file may grow over 1000 bytes meanwhile: as on a full disk, a write comes back short.
class SmallFiles {
public:
    SmallFiles() {
        ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit small{.rlim_cur = 1000, .rlim_max = before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &small);
    }

    ~SmallFiles() { ::setrlimit(RLIMIT_FSIZE, &before_); }

    SmallFiles(const SmallFiles&) = delete;
    SmallFiles& operator=(const SmallFiles&) = delete;

private:
    rlimit before_{};
};

}  // namespace

TEST_CASE("a full disk is told, and nothing is kept") {
    const test::TemporaryFolder folder;
    const auto path = folder.file("visit.har");
    OutputFile file(path);
    {
        const SmallFiles full;
        CHECK_THROWS_AS(file.write(std::string(5000, 'x')), cli::CommandFailed);
    }
    CHECK_FALSE(std::filesystem::exists(path));
}
