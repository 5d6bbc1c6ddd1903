#include "domain/authn/means_to_sign_in.h"

#include <algorithm>

namespace sallyport::authn {

bool suffices(
    std::span<const Authenticator> authenticators,
    policy::Strength demanded,
    Time now,
    RecoveryCodes recovery_codes
) noexcept {
    const auto has = [&](auto matches) {
        return std::ranges::any_of(authenticators, [&](const Authenticator& each) {
            return each.usable(now) && matches(each);
        });
    };
    const auto of = [&](AuthenticatorKind kind) {
        return has([&](const Authenticator& each) { return each.kind == kind; });
    };
    const bool has_codes =
        recovery_codes == RecoveryCodes::count && has([](const Authenticator& each) {
            return each.kind == AuthenticatorKind::recovery_codes && each.left > 0;
        });
    const bool second = of(AuthenticatorKind::totp) || of(AuthenticatorKind::push) ||
                        of(AuthenticatorKind::webauthn) || has_codes;
    // A key or card with its own PIN is two factors and needs no passphrase beside it.
    const bool resists_phishing =
        of(AuthenticatorKind::webauthn) || of(AuthenticatorKind::certificate);
    const bool passphrase = of(AuthenticatorKind::passphrase);
    switch (demanded) {
        case policy::Strength::one_factor:
            return passphrase || resists_phishing;
        case policy::Strength::two_factors:
            return (passphrase && second) || resists_phishing;
        case policy::Strength::phishing_resistant:
            return resists_phishing;
        case policy::Strength::device_bound:
            return has([](const Authenticator& each) {
                const bool key = each.kind == AuthenticatorKind::webauthn ||
                                 each.kind == AuthenticatorKind::certificate;
                return key && !each.can_be_copied;
            });
    }
    return false;
}

std::size_t keys_that_suffice_alone(
    std::span<const Authenticator> authenticators, policy::Strength demanded, Time now
) noexcept {
    const auto suffices_alone = [&](const Authenticator& each) {
        if (!each.usable(now)) return false;
        if (each.kind == AuthenticatorKind::certificate) return true;
        const bool strong = demanded < policy::Strength::device_bound || !each.can_be_copied;
        return each.kind == AuthenticatorKind::webauthn && each.checks_holder && strong;
    };
    return static_cast<std::size_t>(std::ranges::count_if(authenticators, suffices_alone));
}

}  // namespace sallyport::authn
