#pragma once
// What the device answered, as the person is to see it. Pure functions over heads.

#include "base/core/result.h"
#include "domain/directory/device.h"
#include "edge/gateway/http/credential_mask.h"
#include "edge/gateway/http/host_map.h"
#include "edge/http/http1_codec.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::gateway {

// May this answer pass at all? Refuses denied "device.credential_refused" (401, 407: a browser
// would ask the person for the password that only we hold), invalid "device.answer_encoded" (a
// Content-Encoding hides the credential from the mask; we asked for none).
[[nodiscard]] Result<void> check_response(const http::ResponseHead& head);

// The head toward the person: addresses mapped, cookies made ours to guard, what would bind the
// browser beyond this visit is gone (HSTS, Alt-Svc, Clear-Site-Data, reporting, service workers),
// no-store unless the profile says otherwise. Framing stays that of `head`. Not yet masked.
[[nodiscard]] http::ResponseHead rewrite_response(
    const http::ResponseHead& head, const HostMap& hosts, const directory::DeviceProfile& profile
);

// One Set-Cookie of a device: no Domain, Secure, HttpOnly unless the profile has cookies_readable.
// None: it collides with a cookie of ours or is malformed, and is dropped.
[[nodiscard]] std::optional<std::string> rewrite_cookie(
    std::string_view set_cookie, const directory::DeviceProfile& profile
);

// False: the credential is in none of its texts, as with nearly every answer.
[[nodiscard]] bool may_hold_credential(
    const http::ResponseHead& head, const std::shared_ptr<const CredentialPatterns>& patterns
) noexcept;

// Masks every field and the reason; true if the credential was there.
[[nodiscard]] bool mask_head(
    http::ResponseHead& head, const std::shared_ptr<const CredentialPatterns>& patterns
);

}  // namespace sallyport::gateway
