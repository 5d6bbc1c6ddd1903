#include "domain/governance/separation.h"

#include "base/core/fault.h"
#include "domain/directory/account.h"
#include "domain/governance/factor_custody.h"
#include "domain/vault/vault.h"

#include <algorithm>
#include <vector>

namespace sallyport::governance {

namespace {

directory::Account known_account(store::Tx& tx, const AccountId& id) {
    auto account = directory::find_account(tx, id);
    if (!account) throw Fault("there is no account " + id.text());
    return *std::move(account);
}

bool is_of(store::Tx& tx, const AccountId& account, const PersonId& person) {
    return known_account(tx, account).person == person;
}

bool any_is_of(store::Tx& tx, const std::vector<AccountId>& accounts, const PersonId& person) {
    return std::ranges::any_of(accounts, [&](const auto& each) { return is_of(tx, each, person); });
}

bool made(store::Tx& tx, const directory::Account& maker, const directory::Account& account) {
    return account.created_by && is_of(tx, *account.created_by, maker.person);
}

}  // namespace

bool factors_in_one_hand(store::Tx& tx, const AccountId& one, const AccountId& other, Time since) {
    return any_is_of(tx, factor_custodians(tx, one, since), known_account(tx, other).person) ||
           any_is_of(tx, factor_custodians(tx, other, since), known_account(tx, one).person);
}

Result<void> check_separation(
    store::Tx& tx,
    const policy::Policy& policy,
    const AccountId& requester,
    const AccountId& decider,
    const DeviceId& device,
    Time now
) {
    if (requester == decider) return refuse(Refusal::denied, "grant.own_request");
    const auto asking = known_account(tx, requester);
    const auto deciding = known_account(tx, decider);
    if (asking.person == deciding.person) return refuse(Refusal::denied, "grant.same_person");

    if (made(tx, deciding, asking) || made(tx, asking, deciding)) {
        return refuse(Refusal::denied, "grant.account_creator");
    }
    const Time since = now - policy.separation;
    if (factors_in_one_hand(tx, requester, decider, since)) {
        return refuse(Refusal::denied, "grant.factor_issuer");
    }
    if (any_is_of(tx, vault::secret_keepers(tx, device), deciding.person)) {
        return refuse(Refusal::denied, "grant.secret_keeper");
    }
    return {};
}

}  // namespace sallyport::governance
