#include "domain/authn/certificate/certificate_lines.h"

#include "base/core/fault.h"

#include <doctest/doctest.h>

#include <vector>

namespace sallyport::authn {

namespace {

TEST_CASE("certificates are kept as lines, and what else is there is damage") {
    const std::vector<Bytes> shown{{std::byte{0x30}, std::byte{0xff}}, {std::byte{0x31}}};
    CHECK(certificate_lines(shown) == "MP8\nMQ\n");
    CHECK(certificates_in("MP8\nMQ\n") == shown);
    CHECK(certificate_lines({}).empty());
    CHECK(certificates_in("").empty());
    CHECK_THROWS_AS(static_cast<void>(certificates_in("MP8")), Fault);
    CHECK_THROWS_AS(static_cast<void>(certificates_in("MP8=\n")), Fault);
}

}  // namespace

}  // namespace sallyport::authn
