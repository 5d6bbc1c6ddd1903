#include "domain/authn/factor_outage.h"

#include "domain/authn/factor_combination.h"
#include "domain/authn/means_to_sign_in.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

namespace sallyport::authn {

using store::value;

namespace {

std::vector<WayIn> ways_in(policy::Strength demanded, const Surroundings& surroundings) {
    std::vector<WayIn> ways;
    for (const auto& combination : factor_combinations()) {
        const auto [first, second] = combination.kinds;
        if (first == AuthenticatorKind::certificate && !surroundings.smart_cards) continue;
        if (!satisfies(combination, demanded)) continue;
        WayIn way{.name = combination.name, .under = {}};
        std::ranges::transform(all_outages, way.under.begin(), [&](Outage outage) {
            return std::max(
                effect_on(first, outage, surroundings), effect_on(second, outage, surroundings)
            );
        });
        ways.push_back(way);
    }
    return ways;
}

// What a mailed code leans on; everything else here is this server's own, but for the clock: no
// session is unlocked and no ticket taken by one that may have been set back.
Effect effect_on_mailed_code(Outage outage) noexcept {
    switch (outage) {
        case Outage::internet:
        case Outage::mail:
        case Outage::clock:
            return Effect::lost;
        case Outage::push_service:
        case Outage::directory:
            return Effect::none;
    }
    return Effect::lost;
}

Effect effect_on_our_own(Outage outage) noexcept {
    return outage == Outage::clock ? Effect::lost : Effect::none;
}

WayIn way_back(std::string_view name, Effect (*effect)(Outage) noexcept) {
    WayIn way{.name = name, .under = {}};
    std::ranges::transform(all_outages, way.under.begin(), effect);
    return way;
}

std::vector<WayIn> ways_back(const policy::RoleRules& role, const Surroundings& surroundings) {
    std::vector<WayIn> ways;
    if (role.unlock.count() > 0) {
        ways.push_back(way_back("unlock_with_badge", effect_on_our_own));
    }
    if (!role.recovery_by_mail) {
        ways.push_back(way_back("recovery_by_help_desk", effect_on_our_own));
    } else if (surroundings.mail) {
        ways.push_back(way_back("recovery_by_mail", effect_on_mailed_code));
    }
    return ways;
}

void note(ShutOut& shut_out, const std::string& login_name) {
    shut_out.people += 1;
    if (shut_out.login_names.size() < shut_out_names_max) {
        shut_out.login_names.push_back(login_name);
    }
}

// A page of active accounts after that id, with all that they have bound.
std::vector<std::pair<AccountId, Holder>> holders_after(
    store::Tx& tx, const std::optional<AccountId>& last
) {
    constexpr std::int64_t page_max = 1000;
    const auto rows = tx.query(
        "SELECT id, login_name, role FROM account WHERE state = 'active' AND id > ? ORDER BY id "
        "LIMIT ?",
        {last ? last->text() : std::string(), page_max}
    );
    std::vector<std::pair<AccountId, Holder>> page;
    page.reserve(rows.size());
    for (const auto& row : rows) {
        page.emplace_back(
            row.id<AccountId>(0),
            Holder{.login_name = row.text(1), .role = row.text(2), .authenticators = {}}
        );
    }
    if (page.empty()) return page;
    auto bound = list_authenticators_between(tx, page.front().first, page.back().first);
    // Both are sorted by account.
    auto at = page.begin();
    for (auto& authenticator : bound) {
        while (at != page.end() && at->first < authenticator.account) {
            ++at;
        }
        if (at == page.end()) break;
        if (at->first != authenticator.account) continue;
        at->second.authenticators.push_back(std::move(authenticator));
    }
    return page;
}

}  // namespace

std::string_view to_text(Outage outage) noexcept {
    switch (outage) {
        case Outage::internet:
            return "internet";
        case Outage::mail:
            return "mail";
        case Outage::push_service:
            return "push_service";
        case Outage::directory:
            return "directory";
        case Outage::clock:
            return "clock";
    }
    return "";
}

std::string_view to_text(Effect effect) noexcept {
    switch (effect) {
        case Effect::none:
            return "works";
        case Effect::by_hand:
            return "by_hand";
        case Effect::lost:
            return "lost";
    }
    return "";
}

Effect effect_on(
    AuthenticatorKind factor, Outage outage, const Surroundings& surroundings
) noexcept {
    switch (outage) {
        case Outage::clock:
            // Nobody is signed in by a clock that may have been set back: codes and ends of
            // everything hang on it.
            return Effect::lost;
        case Outage::internet:
        case Outage::push_service:
            if (factor == AuthenticatorKind::push && surroundings.push_service) {
                return Effect::by_hand;
            }
            if (factor == AuthenticatorKind::certificate && outage == Outage::internet &&
                surroundings.certificate_status) {
                return Effect::lost;
            }
            return Effect::none;
        case Outage::mail:       // no factor comes by mail
        case Outage::directory:  // people, and what they have bound, are kept here
            return Effect::none;
    }
    return Effect::lost;
}

OutageCount::OutageCount(const policy::Policy& policy, const Surroundings& surroundings, Time now)
    : surroundings_(surroundings), now_(now) {
    roles_.reserve(policy.roles.size());
    for (const auto& role : policy.roles) {
        roles_.push_back({
            .role = role.name,
            .scope = role.scope,
            .strength = role.strength,
            .ways = ways_in(role.strength, surroundings),
            .ways_back = ways_back(role, surroundings),
            .already = {},
            .shut_out = {},
        });
    }
}

bool OutageCount::can_sign_in(
    std::span<const Authenticator> authenticators, policy::Strength demanded
) const noexcept {
    return suffices(authenticators, demanded, now_, RecoveryCodes::count);
}

void OutageCount::add(const Holder& holder) {
    const auto role = std::ranges::find(roles_, holder.role, &RoleInOutages::role);
    if (role == roles_.end()) return;
    role->people += 1;
    // Without a listener for it a card opens nothing, outage or not.
    std::vector<Authenticator> usable = holder.authenticators;
    if (!surroundings_.smart_cards) {
        std::erase_if(usable, [](const Authenticator& each) {
            return each.kind == AuthenticatorKind::certificate;
        });
    }
    if (!can_sign_in(usable, role->strength)) {
        note(role->already, holder.login_name);
        return;
    }
    for (std::size_t i = 0; i < all_outages.size(); ++i) {
        const auto outage = all_outages.at(i);
        auto left = usable;
        std::erase_if(left, [&](const Authenticator& each) {
            return effect_on(each.kind, outage, surroundings_) == Effect::lost;
        });
        if (!can_sign_in(left, role->strength)) note(role->shut_out.at(i), holder.login_name);
    }
}

std::vector<RoleInOutages> factor_outages(
    store::Tx& tx, const policy::Policy& policy, const Surroundings& surroundings, Time now
) {
    OutageCount count(policy, surroundings, now);
    std::optional<AccountId> last;
    while (true) {
        const auto page = holders_after(tx, last);
        if (page.empty()) break;
        for (const auto& [account, holder] : page) {
            count.add(holder);
        }
        last = page.back().first;
    }
    return count.roles();
}

}  // namespace sallyport::authn
