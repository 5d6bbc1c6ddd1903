#include "apps/sallyport/place_files.h"

#include "apps/sallyport/command.h"
#include "tests/support/place_file_writer.h"
#include "tests/support/temporary_folder.h"

#include <doctest/doctest.h>

#include <string>

namespace sallyport::cli {

namespace {

TEST_CASE("a configured place file is read; one that is damaged or missing is refused by name") {
    const sallyport::test::TemporaryFolder files;
    recording::PosixDisk disk;
    CHECK(configured_place_file(disk, {}) == nullptr);

    const auto bytes =
        sallyport::test::place_file({{.address = "203.0.113.0", .bits = 24, .country = "FR"}});
    const auto good = files.write("place.mmdb", std::string(as_text(bytes)));
    const auto file = configured_place_file(disk, {.place_file = good});
    REQUIRE(file != nullptr);
    CHECK(file->country_of(parse_ip_address("203.0.113.7").value()) == "FR");

    const auto damaged = files.write("damaged.mmdb", std::string(as_text(bytes)).substr(0, 300));
    try {
        static_cast<void>(configured_place_file(disk, {.place_file = damaged}));
        FAIL("taken");
    } catch (const CommandFailed& failed) {
        CHECK(std::string(failed.what()).contains(damaged));
        CHECK(std::string(failed.what()).contains("place_file.malformed"));
    }
    CHECK_THROWS_AS(
        static_cast<void>(configured_place_file(disk, {.place_file = files.file("none")})), Fault
    );
}

}  // namespace

}  // namespace sallyport::cli
