// sallyport-testable: the objects of the shipped binary, with a clock that a test can move.

#include "apps/sallyport/command.h"
#include "tests/testable/controlled_clock.h"

#include "base/crypto/crypto.h"

#include <cstdlib>
#include <optional>

int main(int argc, char** argv) {
    sallyport::SystemClock system;
    std::optional<sallyport::test::ControlledClock> controlled;
    if (const char* const path = std::getenv("TEST_CLOCK_SOCKET")) {
        const char* const advanced = std::getenv("TEST_CLOCK_ADVANCED");  // microseconds
        controlled.emplace(
            path, sallyport::Duration(advanced == nullptr ? 0 : std::atoll(advanced))
        );
    }
    sallyport::Clock& clock = controlled ? static_cast<sallyport::Clock&>(*controlled) : system;
    sallyport::crypto::SystemRandom random;
    return sallyport::cli::run(argc, argv, {clock, random});
}
