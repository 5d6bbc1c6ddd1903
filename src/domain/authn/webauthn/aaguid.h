#pragma once
// Which model an authenticator is (WebAuthn §6.5.1: AAGUID).

#include "base/core/bytes.h"

#include <array>
#include <compare>
#include <string>
#include <string_view>

namespace sallyport::authn::webauthn {

// All zeros: the authenticator does not say.
struct Aaguid {
    std::array<std::byte, 16> bytes{};

    auto operator<=>(const Aaguid&) const = default;
};

// "08987058-cadc-4b81-b6e1-30de50dcbe96", as FIDO's metadata writes it.
[[nodiscard]] std::string to_text(const Aaguid& aaguid);
// Refuses invalid "webauthn.aaguid".
[[nodiscard]] Result<Aaguid> parse_aaguid(std::string_view text);

}  // namespace sallyport::authn::webauthn
