#include "domain/authn/factor_combination.h"

#include "domain/authn/means_to_sign_in.h"

namespace sallyport::authn {

namespace {

constexpr auto combinations = std::to_array<FactorCombination>({
    {"security_key", {AuthenticatorKind::webauthn, AuthenticatorKind::webauthn}},
    {"synced_passkey",
     {AuthenticatorKind::webauthn, AuthenticatorKind::webauthn},
     Copies::by_its_maker},
    {"smart_card", {AuthenticatorKind::certificate, AuthenticatorKind::certificate}},
    {"passphrase_and_app", {AuthenticatorKind::passphrase, AuthenticatorKind::totp}},
    {"passphrase_and_phone", {AuthenticatorKind::passphrase, AuthenticatorKind::push}},
    {"passphrase_and_recovery_code",
     {AuthenticatorKind::passphrase, AuthenticatorKind::recovery_codes}},
    {"passphrase", {AuthenticatorKind::passphrase, AuthenticatorKind::passphrase}},
});

Authenticator imagined(AuthenticatorKind kind, Copies copies) {
    return {
        .id = AuthenticatorId::from_bytes({}),
        .account = AccountId::from_bytes({}),
        .kind = kind,
        .state = AuthenticatorState::active,
        .left = 1,
        .can_be_copied = copies == Copies::by_its_maker,
    };
}

}  // namespace

std::span<const FactorCombination> factor_combinations() noexcept {
    return combinations;
}

bool satisfies(const FactorCombination& combination, policy::Strength demanded) {
    const std::array<Authenticator, 2> shown{
        imagined(combination.kinds.front(), combination.copies),
        imagined(combination.kinds.back(), combination.copies),
    };
    return suffices(shown, demanded, Time{}, RecoveryCodes::count);
}

std::optional<policy::Strength> proven_by(const FactorCombination& combination) {
    for (const auto strength :
         {policy::Strength::device_bound,
          policy::Strength::phishing_resistant,
          policy::Strength::two_factors,
          policy::Strength::one_factor}) {
        if (satisfies(combination, strength)) return strength;
    }
    return std::nullopt;
}

}  // namespace sallyport::authn
