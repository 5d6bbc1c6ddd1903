#include "domain/governance/sign_in_statistics.h"

#include <map>
#include <utility>

namespace sallyport::governance {

using store::value;

std::vector<RoleSignIns> sign_in_statistics(store::Tx& tx, Time from, Time until) {
    constexpr auto shift_us = std::chrono::microseconds(shift_length).count();
    std::map<std::string, RoleSignIns> by_role;
    // A device host's session and one lent to the command line come from a sign-in that is counted.
    const auto sessions = tx.query(
        "SELECT role, COUNT(*), SUM(factor_phishing_resistant), "
        "COUNT(DISTINCT account_id || '/' || (created_at / " +
            std::to_string(shift_us) +
            ")) FROM session WHERE channel <> 'host' AND browser_id IS NULL "
            "AND created_at >= ? AND created_at <= ? GROUP BY role",
        {value(from), value(until)}
    );
    for (const auto& row : sessions) {
        auto& role = by_role[row.text(0)];
        role.sign_ins = row.integer(1);
        role.phishing_resistant = row.integer(2);
        role.shifts = row.integer(3);
    }
    const auto prompts = tx.query(
        "SELECT role, COUNT(*) FROM audit_event WHERE type = 'stepup.required' "
        "AND at_us >= ? AND at_us <= ? GROUP BY role",
        {value(from), value(until)}
    );
    for (const auto& row : prompts) {
        by_role[row.text(0)].prompts = row.integer(1);
    }
    std::vector<RoleSignIns> counted;
    counted.reserve(by_role.size());
    for (auto& [name, role] : by_role) {
        role.role = name;
        counted.push_back(std::move(role));
    }
    return counted;
}

}  // namespace sallyport::governance
