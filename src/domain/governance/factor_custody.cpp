#include "domain/governance/factor_custody.h"

#include <string>

namespace sallyport::governance {

void note_factor_custody(
    store::Tx& tx,
    const AccountId& account,
    const AccountId& by,
    FactorCustody kind,
    const Moment& moment
) {
    const std::string text =
        kind == FactorCustody::ticket_issued ? "ticket_issued" : "factor_reset";
    tx.execute(
        "INSERT INTO factor_custody (account_id, by_account, kind, noted_at) VALUES (?, ?, ?, ?)",
        {store::value(account), store::value(by), text, store::value(moment.now)}
    );
}

std::vector<AccountId> factor_custodians(store::Tx& tx, const AccountId& account, Time since) {
    std::vector<AccountId> custodians;
    const auto rows = tx.query(
        "SELECT DISTINCT by_account FROM factor_custody WHERE account_id = ? AND noted_at > ?",
        {store::value(account), store::value(since)}
    );
    custodians.reserve(rows.size());
    for (const auto& row : rows) {
        custodians.push_back(row.id<AccountId>(0));
    }
    return custodians;
}

}  // namespace sallyport::governance
