#include "domain/authn/factor_outage.h"

#include "tests/support/databases.h"
#include "tests/support/people.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sallyport::authn {

namespace {

using policy::Strength;
using test::People;

constexpr auto noon = Time{std::chrono::hours(24 * 365 * 56)};

constexpr std::size_t at(Outage outage) {
    return static_cast<std::size_t>(std::ranges::find(all_outages, outage) - all_outages.begin());
}

policy::Policy with_role(Strength strength) {
    policy::RoleRules role;
    role.name = "nurse";
    role.scope = "clinical";
    role.strength = strength;
    policy::Policy policy;
    policy.roles.push_back(std::move(role));
    return policy;
}

Authenticator bound(AuthenticatorKind kind) {
    return {
        .id = AuthenticatorId::from_bytes({}),
        .account = AccountId::from_bytes({}),
        .kind = kind,
        .state = AuthenticatorState::active,
        .left = 1,
    };
}

Holder holding(std::string login_name, std::vector<AuthenticatorKind> kinds) {
    Holder holder{.login_name = std::move(login_name), .role = "nurse", .authenticators = {}};
    for (const auto kind : kinds) {
        holder.authenticators.push_back(bound(kind));
    }
    return holder;
}

std::vector<std::string> names_of(const std::vector<WayIn>& ways) {
    std::vector<std::string> names;
    for (const auto& way : ways) {
        names.emplace_back(way.name);
    }
    return names;
}

std::string effect_of(const RoleInOutages& role, std::string_view way, Outage outage) {
    const auto found = std::ranges::find(role.ways, way, &WayIn::name);
    REQUIRE(found != role.ways.end());
    return std::string(to_text(found->under.at(at(outage))));
}

RoleInOutages row(
    Strength strength, const Surroundings& surroundings, const std::vector<Holder>& holders = {}
) {
    OutageCount count(with_role(strength), surroundings, noon);
    for (const auto& holder : holders) {
        count.add(holder);
    }
    REQUIRE(count.roles().size() == 1);
    return count.roles().front();
}

using enum AuthenticatorKind;

}  // namespace

TEST_CASE("the ways in of a role are those that satisfy what it demands") {
    const Surroundings site{.smart_cards = true};
    CHECK(
        names_of(row(Strength::device_bound, site).ways) ==
        std::vector<std::string>{"security_key", "smart_card"}
    );
    CHECK(
        names_of(row(Strength::phishing_resistant, site).ways) ==
        std::vector<std::string>{"security_key", "synced_passkey", "smart_card"}
    );
    CHECK(
        names_of(row(Strength::two_factors, site).ways) ==
        std::vector<std::string>{
            "security_key",
            "synced_passkey",
            "smart_card",
            "passphrase_and_app",
            "passphrase_and_phone",
            "passphrase_and_recovery_code",
        }
    );
    CHECK(names_of(row(Strength::one_factor, site).ways).back() == "passphrase");
    CHECK(
        names_of(row(Strength::device_bound, {}).ways) == std::vector<std::string>{"security_key"}
    );
}

TEST_CASE("without the internet phones are asked by hand, and cards whose state can't be asked stop"
) {
    const Surroundings site{.push_service = true, .certificate_status = true, .smart_cards = true};
    const auto role = row(Strength::two_factors, site);
    CHECK(effect_of(role, "passphrase_and_phone", Outage::internet) == "by_hand");
    CHECK(effect_of(role, "passphrase_and_phone", Outage::push_service) == "by_hand");
    CHECK(effect_of(role, "smart_card", Outage::internet) == "lost");
    CHECK(effect_of(role, "smart_card", Outage::push_service) == "works");
    CHECK(effect_of(role, "passphrase_and_app", Outage::internet) == "works");
    CHECK(effect_of(role, "security_key", Outage::internet) == "works");

    const auto on_its_own = row(Strength::two_factors, {.smart_cards = true});
    CHECK(effect_of(on_its_own, "passphrase_and_phone", Outage::internet) == "works");
    CHECK(effect_of(on_its_own, "smart_card", Outage::internet) == "works");
}

TEST_CASE("no way in leans on mail or on a directory, and every one on the clock") {
    const Surroundings site{.push_service = true, .certificate_status = true, .smart_cards = true};
    for (const auto strength : {Strength::one_factor, Strength::device_bound}) {
        for (const auto& way : row(strength, site).ways) {
            CHECK(way.under.at(at(Outage::mail)) == Effect::none);
            CHECK(way.under.at(at(Outage::directory)) == Effect::none);
            CHECK(way.under.at(at(Outage::clock)) == Effect::lost);
        }
    }
}

TEST_CASE("the ways back: a badge at the bedside, mail for whom policy lets, else the help desk") {
    policy::Policy policy;
    for (const auto* const name : {"clinician", "patient", "engineer"}) {
        policy::RoleRules role;
        role.name = name;
        role.strength = Strength::one_factor;
        role.recovery_by_mail = role.name == "patient";
        if (role.name == "clinician") role.unlock = std::chrono::hours(4);
        policy.roles.push_back(std::move(role));
    }
    const auto of = [&](const Surroundings& site) {
        return OutageCount(policy, site, noon).roles();
    };
    const auto roles = of({.mail = true});
    CHECK(
        names_of(roles[0].ways_back) ==
        std::vector<std::string>{"unlock_with_badge", "recovery_by_help_desk"}
    );
    CHECK(names_of(roles[1].ways_back) == std::vector<std::string>{"recovery_by_mail"});
    CHECK(names_of(roles[2].ways_back) == std::vector<std::string>{"recovery_by_help_desk"});
    CHECK(of({.mail = false})[1].ways_back.empty());
    for (const auto outage : all_outages) {
        CAPTURE(to_text(outage));
        const auto own = outage == Outage::clock ? Effect::lost : Effect::none;
        for (const auto& way : roles[0].ways_back) {
            CHECK(way.under.at(at(outage)) == own);
        }
        const bool stops_mail = outage == Outage::internet || outage == Outage::mail;
        CHECK(roles[1].ways_back[0].under.at(at(outage)) == (stops_mail ? Effect::lost : own));
    }
}

TEST_CASE("people are counted by what they have bound, and who is shut out is named") {
    const Surroundings site{.certificate_status = true, .smart_cards = true};
    const auto role =
        row(Strength::two_factors,
            site,
            {
                holding("card.only", {certificate}),
                holding("card.and.app", {certificate, passphrase, totp}),
                holding("half", {passphrase}),
                holding("app", {passphrase, totp}),
            });
    CHECK(role.people == 4);
    CHECK(role.already.people == 1);
    CHECK(role.already.login_names == std::vector<std::string>{"half"});
    const auto& offline = role.shut_out.at(at(Outage::internet));
    CHECK(offline.people == 1);
    CHECK(offline.login_names == std::vector<std::string>{"card.only"});
    CHECK(role.shut_out.at(at(Outage::mail)).people == 0);
    CHECK(role.shut_out.at(at(Outage::clock)).people == 3);
}

TEST_CASE("a card is worth nothing where no listener takes it, and an expired app nothing anywhere"
) {
    auto late = holding("late", {passphrase, totp});
    late.authenticators.back().expires_at = noon;
    const auto role =
        row(Strength::two_factors, {}, {holding("card", {certificate}), std::move(late)});
    CHECK(role.already.login_names == std::vector<std::string>{"card", "late"});
}

TEST_CASE("of many who are shut out the first twenty are named and all are counted") {
    std::vector<Holder> many;
    for (int i = 0; i < 25; ++i) {
        many.push_back(holding("person" + std::to_string(i), {passphrase, totp}));
    }
    const auto role = row(Strength::two_factors, {}, many);
    const auto& without_clock = role.shut_out.at(at(Outage::clock));
    CHECK(without_clock.people == 25);
    CHECK(without_clock.login_names.size() == shut_out_names_max);
}

TEST_CASE("the matrix of a store counts the active people of each role") {
    test::for_each_engine([](store::Database& database) {
        People people(database);
        const auto anna = people.first_administrator();
        static_cast<void>(people.enrolled(anna, "erik", "engineer"));
        const auto roles = database.read([&](store::Tx& tx) {
            return factor_outages(tx, people.policy, {}, people.clock.now());
        });
        CHECK(roles.size() == people.policy.roles.size());
        const auto engineer = std::ranges::find(roles, "engineer", &RoleInOutages::role);
        REQUIRE(engineer != roles.end());
        CHECK(engineer->people == 1);
        CHECK(engineer->already.people == 0);
        CHECK(
            engineer->shut_out.at(at(Outage::clock)).login_names == std::vector<std::string>{"erik"}
        );
        CHECK(engineer->shut_out.at(at(Outage::internet)).people == 0);
        // Under the shipped policy neither has the key that it asks for.
        const auto strict = database.read([&](store::Tx& tx) {
            return factor_outages(tx, policy::default_policy(), {}, people.clock.now());
        });
        const auto strict_engineer = std::ranges::find(strict, "engineer", &RoleInOutages::role);
        REQUIRE(strict_engineer != strict.end());
        CHECK(strict_engineer->already.login_names == std::vector<std::string>{"erik"});
    });
}

}  // namespace sallyport::authn
