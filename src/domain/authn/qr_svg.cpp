#include "domain/authn/qr_svg.h"

#include "base/core/bytes.h"
#include "base/core/fault.h"

#include <qrencode.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace sallyport::authn {

namespace {

constexpr std::size_t text_size_max = 1000;
constexpr int quiet_modules = 4;

// libqrencode frees what it allocated, but does not wipe it; we do.
struct FreeCode {
    void operator()(QRcode* code) const noexcept {
        const auto modules =
            static_cast<std::size_t>(code->width) * static_cast<std::size_t>(code->width);
        volatile unsigned char* at = code->data;
        for (std::size_t i = 0; i < modules; ++i) {
            at[i] = 0;
        }
        QRcode_free(code);
    }
};

using Code = std::unique_ptr<QRcode, FreeCode>;

Code encode(const crypto::Secret& text) {
    const auto bytes = text.expose();
    return Code(QRcode_encodeData(
        static_cast<int>(bytes.size()),
        reinterpret_cast<const unsigned char*>(bytes.data()),
        0,
        QR_ECLEVEL_M
    ));
}

bool dark(const QRcode& code, int x, int y) {
    return (code.data[y * code.width + x] & 1U) != 0;
}

// Says each part of the picture to `put`, in order; run once to measure and once to write, so that
// no copy is left in a buffer that grew.
template <class Put>
void draw(const QRcode& code, Put put) {
    const auto side = std::to_string(code.width + 2 * quiet_modules);
    put("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ");
    put(side);
    put(" ");
    put(side);
    put("\" shape-rendering=\"crispEdges\" role=\"img\" aria-label=\"QR code\">"
        "<path fill=\"#fff\" d=\"M0 0h");
    put(side);
    put("v");
    put(side);
    put("H0z\"/><path fill=\"#000\" d=\"");
    for (int y = 0; y < code.width; ++y) {
        for (int x = 0; x < code.width; ++x) {
            if (!dark(code, x, y)) continue;
            const int start = x;
            while (x < code.width && dark(code, x, y)) {
                ++x;
            }
            put("M" + std::to_string(start + quiet_modules) + " " +
                std::to_string(y + quiet_modules) + "h" + std::to_string(x - start) + "v1h-" +
                std::to_string(x - start) + "z");
        }
    }
    put("\"/></svg>");
}

}  // namespace

crypto::Secret qr_svg(const crypto::Secret& text) {
    if (text.size() == 0 || text.size() > text_size_max) {
        throw Fault("a QR code is asked for a text of unfit size");
    }
    const auto code = encode(text);
    if (!code) throw Fault("libqrencode could not make a QR code");

    std::size_t size = 0;
    draw(*code, [&](std::string_view part) { size += part.size(); });
    return crypto::Secret::make(size, [&](std::span<std::byte> out) {
        auto at = out.begin();
        draw(*code, [&](std::string_view part) { at = std::ranges::copy(as_bytes(part), at).out; });
    });
}

}  // namespace sallyport::authn
