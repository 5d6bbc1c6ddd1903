#include "apps/sallyport/memory_watch.h"

#include <doctest/doctest.h>

using sallyport::cli::MemoryWatch;

TEST_CASE("S0-62: memory for secrets that can't be locked is told once, with the remedy") {
    MemoryWatch watch;
    CHECK_FALSE(watch.look({.locked_bytes = 65536, .unlocked_bytes = 0}));
    const auto text = watch.look({.locked_bytes = 65536, .unlocked_bytes = 4096});
    REQUIRE(text);
    CHECK(text->starts_with("4096 bytes of memory for secrets could not be locked"));
    CHECK(text->contains("LimitMEMLOCK=64M"));
    CHECK_FALSE(watch.look({.locked_bytes = 65536, .unlocked_bytes = 8192}));
}
