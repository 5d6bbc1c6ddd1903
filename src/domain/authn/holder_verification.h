#pragma once
// When a security key has to check who holds it, by PIN or biometric (WebAuthn §6.2.3): always
// where it is all that is shown, and otherwise as the role's rules have it.

#include "domain/policy/policy.h"

#include <string_view>

namespace sallyport::authn {

// Beside a passphrase.
[[nodiscard]] bool verifies_holder(const policy::Policy& policy, std::string_view role) noexcept;

// For step-up in a session that was signed in to by `signed_in_amr` (RFC 8176 values joined by
// '+'). One that was opened by a key or card alone has seen no passphrase, and a touch tells
// nothing of who touches: a stolen key must not confirm in the session that its holder left open.
[[nodiscard]] bool step_up_verifies_holder(
    const policy::Policy& policy, std::string_view role, std::string_view signed_in_amr
) noexcept;

// For what a browser is asked before it is known whose role counts: so that what it is asked tells
// nothing about the name that was typed.
[[nodiscard]] bool verifies_some_holder(const policy::Policy& policy) noexcept;

}  // namespace sallyport::authn
