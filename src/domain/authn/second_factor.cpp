#include "domain/authn/second_factor.h"

#include "domain/audit/log.h"
#include "domain/authn/authenticator_store.h"
#include "domain/authn/authn_events.h"
#include "domain/authn/one_time_code.h"

#include <algorithm>

namespace sallyport::authn {

namespace {

using crypto::Secret;
using directory::Account;

constexpr std::string_view replayed = "totp.replayed";

// "123 456" is how apps show a code. Nothing but spaces is taken out.
std::string without_spaces(std::string_view typed) {
    std::string digits(typed.substr(0, std::min(typed.size(), one_time_code_text_max)));
    std::erase(digits, ' ');
    return digits;
}

bool looks_like_totp(std::string_view code, const TotpRules& rules) {
    return code.size() == static_cast<std::size_t>(rules.digits) &&
           std::ranges::all_of(code, [](char c) { return c >= '0' && c <= '9'; });
}

void write_replay(
    store::Tx& tx,
    const Moment& moment,
    const Account& account,
    const AuthenticatorId& id,
    const audit::Where& where
) {
    const auto row = find_authenticator(tx, id);
    auto actor = actor_trying(tx, account, where, ThrottleKind::totp);
    actor.factor->authenticator_id = id.text();
    auto event = audit::event_by(
        actor, "authn.replay_detected", "authenticate", "account:" + account.id.text()
    );
    event.outcome = audit::Outcome::refused;
    event.reason = replayed;
    event.fields = {
        {.name = "factor", .value = std::string("totp")},
        {.name = "authenticator_id", .value = id.text()},
    };
    if (row && row->last_used_at) {
        event.fields.push_back(
            {.name = "last_use_time", .value = sallyport::to_text(*row->last_used_at)}
        );
    }
    audit::append(tx, moment, event);
}

}  // namespace

CodeKind code_kind(std::string_view typed, const TotpRules& rules) {
    return looks_like_totp(without_spaces(typed), rules) ? CodeKind::totp : CodeKind::recovery;
}

Result<AuthenticatorId> accept_totp(
    store::Tx& tx,
    const Moment& moment,
    const Context& context,
    const Account& account,
    std::string_view typed,
    const audit::Where& where
) {
    const auto code = without_spaces(typed);
    if (!looks_like_totp(code, context.totp)) return refuse(Refusal::invalid, "code.malformed");
    const auto rows = usable_seeds(tx, account.id, moment.now);
    if (rows.empty()) return refuse(Refusal::unauthenticated, "totp.none");
    std::optional<AuthenticatorId> replayed_on;
    for (const auto& row : rows) {
        const auto seed = context.keys.unseal(keys::Purpose::totp_seed, row.id.text(), row.sealed);
        auto rules = context.totp;
        rules.algorithm = row.algorithm;
        const auto step = verify_totp(seed, code, moment.now, row.last_step, rules);
        if (!step && step.error().reason == replayed) replayed_on = row.id;
        if (!step) continue;
        if (!spend_step(tx, row.id, *step)) {
            replayed_on = row.id;
            continue;
        }
        note_used(tx, row.id, moment.now);
        return row.id;
    }
    if (!replayed_on) return refuse(Refusal::unauthenticated, "totp.wrong");
    write_replay(tx, moment, account, *replayed_on, where);
    return refuse(Refusal::unauthenticated, "totp.replayed");
}

bool is_recorded(const Refusal& refusal) noexcept {
    return refusal.reason == replayed;
}

void accept_nothing(const Moment& moment, const Context& context, std::string_view code) {
    const auto seed = Secret::random(totp_seed_size);
    const auto sealed = context.keys.seal(keys::Purpose::totp_seed, "nobody", seed.expose());
    const auto opened = context.keys.unseal(keys::Purpose::totp_seed, "nobody", sealed);
    (void)verify_totp(opened, code, moment.now, TotpStep::none, context.totp);
}

}  // namespace sallyport::authn
