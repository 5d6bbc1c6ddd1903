#include "domain/authn/qr_svg.h"

#include "base/core/bytes.h"
#include "base/core/fault.h"

#include <doctest/doctest.h>
#include <qrencode.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace sallyport::authn {

namespace {

crypto::Secret secret(std::string_view text) {
    const auto bytes = as_bytes(text);
    Bytes copy(bytes.begin(), bytes.end());
    return crypto::Secret::take(copy);
}

// The dark modules that the picture paints, row by row, without its quiet zone.
std::vector<std::vector<bool>> painted(const std::string& svg, int side) {
    std::vector<std::vector<bool>> rows(
        static_cast<std::size_t>(side), std::vector<bool>(static_cast<std::size_t>(side))
    );
    constexpr int quiet = 4;
    auto at = svg.find("#000");
    while ((at = svg.find('M', at + 1)) != std::string::npos) {
        int x = 0;
        int y = 0;
        int width = 0;
        if (std::sscanf(svg.c_str() + at, "M%d %dh%dv1h-", &x, &y, &width) != 3) continue;
        for (int i = 0; i < width; ++i) {
            rows.at(static_cast<std::size_t>(y - quiet))
                .at(static_cast<std::size_t>(x - quiet + i)) = true;
        }
    }
    return rows;
}

TEST_CASE("the picture paints exactly the modules of the code") {
    const std::string uri =
        "otpauth://totp/Sallyport:anna.admin?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        "&issuer=Sallyport&algorithm=SHA1&digits=6&period=30";
    const auto made = qr_svg(secret(uri));
    const std::string svg(as_text(made.expose()));

    const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
        QRcode_encodeString8bit(uri.c_str(), 0, QR_ECLEVEL_M), &QRcode_free
    );
    REQUIRE(code != nullptr);
    const auto rows = painted(svg, code->width);
    for (int y = 0; y < code->width; ++y) {
        for (int x = 0; x < code->width; ++x) {
            const bool dark = (code->data[y * code->width + x] & 1U) != 0;
            REQUIRE(rows[static_cast<std::size_t>(y)][static_cast<std::size_t>(x)] == dark);
        }
    }
}

TEST_CASE("the picture refers to nothing outside and runs nothing") {
    const auto made = qr_svg(secret("otpauth://totp/x"));
    const std::string svg(as_text(made.expose()));
    CHECK(svg.starts_with("<svg "));
    CHECK(svg.ends_with("</svg>"));
    CHECK(svg.find("<script") == std::string::npos);
    CHECK(svg.find("href") == std::string::npos);
    CHECK(svg.find("style") == std::string::npos);
    // The namespace is the only address in it.
    CHECK(svg.find("http", svg.find("2000/svg")) == std::string::npos);
}

TEST_CASE("a text that no code can hold is a fault") {
    CHECK_THROWS_AS((void)qr_svg(secret("")), Fault);
    CHECK_THROWS_AS((void)qr_svg(secret(std::string(1001, 'x'))), Fault);
    CHECK_NOTHROW((void)qr_svg(secret(std::string(1000, 'x'))));
}

}  // namespace

}  // namespace sallyport::authn
