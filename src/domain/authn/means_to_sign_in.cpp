#include "domain/authn/means_to_sign_in.h"

#include "domain/authn/context.h"

#include <algorithm>
#include <iterator>
#include <vector>

namespace sallyport::authn {

namespace {

bool is_second_factor(AuthenticatorKind kind) noexcept {
    return kind == AuthenticatorKind::totp || kind == AuthenticatorKind::push ||
           kind == AuthenticatorKind::webauthn;
}

}  // namespace

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
    const bool passphrase = of(AuthenticatorKind::passphrase);
    // A key or card with its own PIN is two factors and needs no passphrase beside it.
    const auto resists = [&](const Authenticator& each) {
        const bool card = each.kind == AuthenticatorKind::certificate;
        return each.kind == AuthenticatorKind::webauthn ||
               (card && (passphrase || !each.is_one_factor));
    };
    const bool resists_phishing = has(resists);
    switch (demanded) {
        case policy::Strength::one_factor:
            return passphrase || resists_phishing;
        case policy::Strength::two_factors:
            return (passphrase && second) || resists_phishing;
        case policy::Strength::phishing_resistant:
            return resists_phishing;
        case policy::Strength::device_bound:
            return has([&](const Authenticator& each) {
                return resists(each) && !each.can_be_copied;
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

bool has_second_factor(std::span<const Authenticator> authenticators, Time now) noexcept {
    const bool works = std::ranges::any_of(authenticators, [&](const Authenticator& each) {
        return is_second_factor(each.kind) && each.usable(now);
    });
    const bool codes = std::ranges::any_of(authenticators, [&](const Authenticator& each) {
        return each.kind == AuthenticatorKind::recovery_codes && each.usable(now) && each.left > 0;
    });
    return works || (codes && holds_second_factor(authenticators));
}

bool holds_second_factor(std::span<const Authenticator> authenticators) noexcept {
    return std::ranges::any_of(authenticators, [](const Authenticator& each) {
        const bool bound = each.state == AuthenticatorState::active ||
                           each.state == AuthenticatorState::suspended ||
                           each.state == AuthenticatorState::expired;
        return is_second_factor(each.kind) && bound;
    });
}

bool demands_second_factor(
    store::Tx& tx,
    const policy::Policy& policy,
    const std::string& role,
    const std::optional<AccountId>& account
) {
    if (role_strength(policy, role) != policy::Strength::one_factor) return true;
    return account && holds_second_factor(list_authenticators(tx, *account));
}

bool lacks_second_authenticator(
    std::span<const Authenticator> authenticators, policy::Strength demanded, Time now
) {
    const auto is_of = [](AuthenticatorKind kind) {
        return [kind](const Authenticator& each) { return each.kind == kind; };
    };
    std::vector<Authenticator> shown;
    std::ranges::copy_if(
        authenticators, std::back_inserter(shown), is_of(AuthenticatorKind::passphrase)
    );
    if (suffices(shown, demanded, now, RecoveryCodes::do_not_count)) return false;
    const auto suffices_beside = [&](const Authenticator& each) {
        if (each.kind == AuthenticatorKind::recovery_codes) return false;
        shown.push_back(each);
        const bool enough = suffices(shown, demanded, now, RecoveryCodes::do_not_count);
        shown.pop_back();
        return enough;
    };
    return std::ranges::count_if(authenticators, suffices_beside) < 2;
}

policy::Strength demanded_of(
    store::Tx& tx, const policy::Policy& policy, const directory::Account& account, Time now
) {
    const auto strength = role_strength(policy, account.role);
    if (strength != policy::Strength::one_factor) return strength;
    return has_second_factor(list_authenticators(tx, account.id), now)
               ? policy::Strength::two_factors
               : strength;
}

bool can_sign_in(
    store::Tx& tx, const policy::Policy& policy, const directory::Account& account, Time now
) {
    const auto demanded = demanded_of(tx, policy, account, now);
    return suffices(list_authenticators(tx, account.id), demanded, now, RecoveryCodes::count);
}

}  // namespace sallyport::authn
