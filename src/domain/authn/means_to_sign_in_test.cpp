#include "domain/authn/means_to_sign_in.h"

#include "tests/support/clocks.h"

#include <doctest/doctest.h>

#include <initializer_list>
#include <vector>

namespace sallyport::authn {

namespace {

using Kind = AuthenticatorKind;
using policy::Strength;

const Time now = Time() + std::chrono::hours(24 * 365 * 56);

Authenticator one(Kind kind, AuthenticatorState state = AuthenticatorState::active) {
    test::ReplayedRandom random;
    return {
        .id = AuthenticatorId::fresh(now, random),
        .account = AccountId::fresh(now, random),
        .kind = kind,
        .state = state,
        .label = "label",
        .serial = {},
        .bound_by = std::nullopt,
        .source = "self",
        .bound_at = now,
        .last_used_at = std::nullopt,
        .expires_at = std::nullopt,
        .suspended_at = std::nullopt,
        .revoked_at = std::nullopt,
        .left = kind == Kind::recovery_codes ? 10 : 0,
    };
}

constexpr std::initializer_list<Kind> every_kind{
    Kind::passphrase,
    Kind::totp,
    Kind::webauthn,
    Kind::push,
    Kind::certificate,
    Kind::badge,
    Kind::recovery_codes,
};

bool enough(
    std::initializer_list<Kind> kinds, Strength demanded, RecoveryCodes codes = RecoveryCodes::count
) {
    std::vector<Authenticator> all;
    for (const auto kind : kinds) {
        all.push_back(one(kind));
    }
    return suffices(all, demanded, now, codes);
}

TEST_CASE("a second authenticator is one that suffices by itself, beside the passphrase") {
    const auto lacks = [](std::vector<Authenticator> all, Strength demanded) {
        return lacks_second_authenticator(all, demanded, now);
    };
    const auto pass = one(Kind::passphrase);
    const auto app = one(Kind::totp);
    const auto key = one(Kind::webauthn);
    const auto codes = one(Kind::recovery_codes);
    CHECK_FALSE(lacks({pass}, Strength::one_factor));
    CHECK(lacks({pass, app, codes}, Strength::two_factors));
    CHECK_FALSE(lacks({pass, app, key, codes}, Strength::two_factors));
    CHECK_FALSE(lacks({pass, app, one(Kind::push)}, Strength::two_factors));
    CHECK(lacks({pass, app, one(Kind::push, AuthenticatorState::suspended)}, Strength::two_factors)
    );
    CHECK(lacks({pass, app, one(Kind::badge)}, Strength::two_factors));
    CHECK(lacks({pass, app, key}, Strength::phishing_resistant));
    CHECK_FALSE(lacks({pass, key, one(Kind::certificate)}, Strength::phishing_resistant));
}

TEST_CASE("a second factor is one that works, or one that is mislaid with codes in its place") {
    const auto has = [](std::vector<Authenticator> all) { return has_second_factor(all, now); };
    const auto holds = [](std::vector<Authenticator> all) { return holds_second_factor(all); };
    using State = AuthenticatorState;
    CHECK_FALSE(has({one(Kind::passphrase)}));
    for (const auto kind : {Kind::totp, Kind::push, Kind::webauthn}) {
        CHECK(has({one(Kind::passphrase), one(kind)}));
        CHECK_FALSE(has({one(Kind::passphrase), one(kind, State::suspended)}));
        CHECK(has({one(kind, State::suspended), one(Kind::recovery_codes)}));
        for (const auto state : {State::active, State::suspended, State::expired}) {
            CHECK(holds({one(kind, state)}));
        }
        CHECK_FALSE(holds({one(kind, State::revoked), one(kind, State::issued)}));
    }
    CHECK_FALSE(has({one(Kind::passphrase), one(Kind::recovery_codes)}));
    CHECK_FALSE(holds({one(Kind::recovery_codes)}));
}

TEST_CASE("what suffices to sign in follows the strength that is asked for") {
    CHECK(enough({Kind::passphrase}, Strength::one_factor));
    CHECK_FALSE(enough({}, Strength::one_factor));
    CHECK_FALSE(enough({Kind::passphrase}, Strength::two_factors));
    CHECK(enough({Kind::passphrase, Kind::totp}, Strength::two_factors));
    CHECK_FALSE(enough({Kind::totp}, Strength::two_factors));
    CHECK(enough({Kind::webauthn}, Strength::two_factors));
    CHECK_FALSE(enough({Kind::passphrase, Kind::totp}, Strength::phishing_resistant));
    CHECK(enough({Kind::webauthn}, Strength::phishing_resistant));
    CHECK(enough({Kind::certificate}, Strength::phishing_resistant));
    CHECK(enough({Kind::webauthn}, Strength::device_bound));
    std::vector<Authenticator> synced = {one(Kind::passphrase), one(Kind::webauthn)};
    synced.back().can_be_copied = true;
    CHECK(suffices(synced, Strength::phishing_resistant, now, RecoveryCodes::count));
    CHECK_FALSE(suffices(synced, Strength::device_bound, now, RecoveryCodes::count));
}

TEST_CASE("S1-10: two factors are of two categories: something known and something had") {
    // What is had beside a passphrase, which is the only thing known that counts by itself.
    const auto is_had = [](Kind kind) {
        return kind == Kind::totp || kind == Kind::push || kind == Kind::recovery_codes;
    };
    // These check a PIN or a finger themselves: both categories in one.
    const auto is_both = [](Kind kind) {
        return kind == Kind::webauthn || kind == Kind::certificate;
    };
    for (const auto first : every_kind) {
        for (const auto second : every_kind) {
            CAPTURE(to_text(first));
            CAPTURE(to_text(second));
            const bool known_and_had = (first == Kind::passphrase && is_had(second)) ||
                                       (second == Kind::passphrase && is_had(first));
            CHECK(
                enough({first, second}, Strength::two_factors) ==
                (known_and_had || is_both(first) || is_both(second))
            );
        }
    }
}

TEST_CASE("a card whose PIN nobody vouches for needs a passphrase beside it") {
    std::vector<Authenticator> card = {one(Kind::certificate)};
    card.front().is_one_factor = true;
    CHECK_FALSE(suffices(card, Strength::two_factors, now, RecoveryCodes::count));
    CHECK_FALSE(suffices(card, Strength::device_bound, now, RecoveryCodes::count));
    card.push_back(one(Kind::passphrase));
    CHECK(suffices(card, Strength::two_factors, now, RecoveryCodes::count));
    CHECK(suffices(card, Strength::device_bound, now, RecoveryCodes::count));
}

TEST_CASE("recovery codes let somebody in for a while, and are nothing to live on") {
    const auto with_codes = {Kind::passphrase, Kind::recovery_codes};
    CHECK(enough(with_codes, Strength::two_factors));
    CHECK_FALSE(enough(with_codes, Strength::two_factors, RecoveryCodes::do_not_count));
    CHECK_FALSE(enough(with_codes, Strength::phishing_resistant));
    std::vector<Authenticator> used_up = {one(Kind::passphrase), one(Kind::recovery_codes)};
    used_up.back().left = 0;
    CHECK_FALSE(suffices(used_up, Strength::two_factors, now, RecoveryCodes::count));
}

TEST_CASE("only what is usable now counts") {
    for (const auto state :
         {AuthenticatorState::issued,
          AuthenticatorState::bound,
          AuthenticatorState::suspended,
          AuthenticatorState::expired,
          AuthenticatorState::revoked}) {
        const std::vector all = {one(Kind::passphrase), one(Kind::totp, state)};
        CHECK_FALSE(suffices(all, Strength::two_factors, now, RecoveryCodes::count));
    }
    std::vector<Authenticator> ageing = {one(Kind::passphrase), one(Kind::totp)};
    ageing.back().expires_at = now + std::chrono::seconds(1);
    CHECK(suffices(ageing, Strength::two_factors, now, RecoveryCodes::count));
    ageing.back().expires_at = now;
    CHECK_FALSE(suffices(ageing, Strength::two_factors, now, RecoveryCodes::count));
}

}  // namespace

}  // namespace sallyport::authn
