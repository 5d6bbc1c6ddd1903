#pragma once
// What the browser says about the ceremony (WebAuthn §5.8.1, CollectedClientData). The
// authenticator signs its hash, so this is where origin and challenge are bound.

#include "base/core/bytes.h"

#include <optional>
#include <string>

namespace sallyport::authn::webauthn {

inline constexpr std::size_t client_data_size_max = 4096;  // bytes

struct ClientData {
    std::string type;       // "webauthn.create", "webauthn.get"
    std::string challenge;  // base64url, as it came
    std::string origin;
    bool cross_origin = false;  // false also if the member is absent
    std::optional<std::string> top_origin;
};

// Members that are not named here are skipped, as the standard asks. Refuses invalid
// "webauthn.client_data": not JSON within the bounds, a member twice, absent or of another type.
[[nodiscard]] Result<ClientData> parse_client_data(BytesView json);

}  // namespace sallyport::authn::webauthn
