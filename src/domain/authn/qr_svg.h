#pragma once
// QR codes (ISO/IEC 18004) as SVG.

#include "base/crypto/secret.h"

namespace sallyport::authn {

// One <svg> element with a white ground, four modules of quiet zone, no script and no reference to
// anything outside; scales with its container. Error correction M. The text is at most 1,000 bytes,
// else a fault. A Secret, since whoever sees the picture can read the text.
[[nodiscard]] crypto::Secret qr_svg(const crypto::Secret& text);

}  // namespace sallyport::authn
