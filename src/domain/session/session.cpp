#include "domain/session/session.h"

#include "base/core/bytes.h"
#include "base/crypto/crypto.h"
#include "domain/audit/log.h"
#include "domain/authn/compromised_passphrase.h"
#include "domain/authn/recovery_code.h"
#include "domain/directory/account.h"
#include "domain/session/session_context.h"
#include "domain/session/session_row.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sallyport::session {

using store::value;

namespace {

using crypto::Secret;

constexpr std::size_t token_size = 32;
constexpr std::size_t csrf_key_size = 32;

std::string fresh_csrf_key() {
    // Not a secret that opens anything: without the cookie it is worth nothing, and the page that
    // holds the cookie shows it.
    const auto key = Secret::random(csrf_key_size);
    return to_base64url(key.expose());
}

std::string object_of(const Session& session) {
    return "session:" + session.id.text();
}

std::int64_t seconds(Duration duration) {
    return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

void write_created(
    store::Tx& tx,
    const Moment& moment,
    const Session& session,
    const audit::Where& where,
    std::vector<audit::Field> reasons
) {
    auto event =
        audit::event_by(holder_of(session, where), "session.created", "open", object_of(session));
    event.fields = {
        {.name = "channel", .value = std::string(to_text(session.channel))},
        {.name = "idle_limit_s", .value = seconds(session.idle_max)},
        {.name = "absolute_limit_s", .value = seconds(session.ends_at - session.created_at)},
    };
    if (session.parent) {
        event.fields.push_back({.name = "parent", .value = session.parent->text()});
        if (session.channel == Channel::host) {
            event.fields.push_back({.name = "host", .value = session.host});
        }
    }
    std::ranges::move(reasons, std::back_inserter(event.fields));
    audit::append(tx, moment, event);
}

// Once for each sign-in that comes in, however it was proven (S0-63).
void write_success(
    store::Tx& tx, const Moment& moment, const Session& session, const audit::Where& where
) {
    auto event = audit::event_by(
        holder_of(session, where),
        "authn.success",
        "authenticate",
        "account:" + session.account.text()
    );
    audit::append(tx, moment, event);
}

// `reasons`: what its limits came from, for the event.
Opened store_new(
    store::Tx& tx,
    const Moment& moment,
    Session session,
    const audit::Where& where,
    std::vector<audit::Field> reasons
) {
    auto token = Secret::random(token_size);
    insert_row(tx, session, digest_of(token.expose()));
    write_created(tx, moment, session, where, std::move(reasons));
    return {.session = std::move(session), .token = std::move(token)};
}

std::optional<Session> first(std::vector<Session> sessions) {
    if (sessions.empty()) return std::nullopt;
    return std::move(sessions.front());
}

// Another session of the same sign-in: what they share is the parent's, read anew.
Result<Session> child_of(store::Tx& tx, const Moment& moment, const Session& parent) {
    const auto current = find(tx, parent.id);
    if (!current) return refuse(Refusal::unauthenticated, "session.ended");
    SP_CHECK(check_alive(*current, moment.now));
    Session child = *current;
    child.id = SessionId::fresh(moment.now, moment.random);
    child.created_at = moment.now;
    child.csrf_key = fresh_csrf_key();
    child.parent = current->id;
    return child;
}

}  // namespace

policy::Subject Session::subject() const noexcept {
    return {
        .session = id,
        .account = account,
        .person = person,
        .role = role,
        .scope = scope,
        .proven = proven,
        .last_proof = last_proof_at,
        .ends_at = ends_at,
        .parent = parent,
        .limited = limited,
        .by_recovery_code = authn::is_by_recovery_code(factor),
    };
}

Result<Opened> open(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    authn::AuthenticationProof proof,
    const audit::Where& where,
    Channel channel
) {
    if (moment.clock == ClockState::behind) return refuse(Refusal::denied, "clock.behind");
    if (channel == Channel::host) return refuse(Refusal::invalid, "session.host_needs_handoff");
    const auto account = directory::find_account(tx, proof.account());
    if (!account || account->state != directory::AccountState::active) {
        return refuse(Refusal::denied, "account.not_active");
    }
    const auto* role = policy.role(account->role);
    if (role == nullptr) return refuse(Refusal::denied, "policy.role_unknown");
    if (proof.strength() < role->strength) return refuse(Refusal::denied, "session.too_weak");
    if (authn::passphrase_change_due(tx, account->id)) {
        return refuse(Refusal::denied, "passphrase.change_due");
    }

    const Context context(tx, policy, *role, where, moment.now);
    SP_CHECK(check_context(tx, moment, *account, proof.strength(), proof.factor(), context));
    const auto timers = policy::timers_for(policy, *role, context.facts.segment);
    auto ends_at = moment.now + timers.absolute;
    // Whoever gets in by an exception is out when it ends (S0-75).
    if (role->exception && proof.strength() < policy::required_strength(role->risk)) {
        ends_at = std::min(ends_at, role->exception->until);
    }
    Session session{
        .id = SessionId::fresh(moment.now, moment.random),
        .channel = channel,
        .account = account->id,
        .person = account->person,
        .login_name = account->login_name.text(),
        .role = account->role,
        .scope = account->scope,
        .proven = proof.strength(),
        .factor = proof.factor(),
        .signed_in_amr = proof.factor().amr,
        .created_at = moment.now,
        .ends_at = ends_at,
        .idle_max = timers.idle,
        .last_active_at = moment.now,
        .last_proof_at = proof.at(),
        .signed_in_at = proof.at(),
        .source = where.source,
        .csrf_key = fresh_csrf_key(),
        .host = {},
        .parent = std::nullopt,
        .zone = context.where.zone,
        .limited = context.decision.limited,
    };
    auto reasons = context.fields();
    reasons.push_back({.name = "timer_profile", .value = timers.profile});
    // A program signs in at the same address as a browser.
    auto here = context.where;
    here.channel = to_text(channel);
    write_success(tx, moment, session, here);
    return store_new(tx, moment, std::move(session), here, std::move(reasons));
}

Result<Opened> renew_proof(
    store::Tx& tx,
    const Moment& moment,
    const Session& session,
    authn::AuthenticationProof proof,
    const audit::Where& where
) {
    if (proof.account() != session.account) {
        return refuse(Refusal::denied, "session.other_account");
    }
    auto current = find(tx, session.id);
    const bool usable = current && current->channel != Channel::host;
    if (!usable) return refuse(Refusal::unauthenticated, "session.ended");
    SP_CHECK(check_renewable(*current));
    SP_CHECK(check_alive(*current, moment.now));

    current->factor = proof.factor();
    current->last_proof_at = proof.at();
    if (proof.strength() > current->proven) {
        current->proven = proof.strength();
        current->signed_in_amr += "+" + proof.factor().amr;
    }
    current->last_active_at = std::max(current->last_active_at, moment.now);
    touch(tx, current->id, moment.now);
    auto token = Secret::random(token_size);
    tx.execute(
        "UPDATE session SET token_digest = ? WHERE id = ?",
        {bytes_of(digest_of(token.expose())), value(current->id)}
    );
    // Children share the proof.
    tx.execute(
        "UPDATE session SET proven = ?, factor_amr = ?, factor_aal = ?, factor_authenticator = ?, "
        "factor_phishing_resistant = ?, last_proof_at = ?, signed_in_amr = ? "
        "WHERE (id = ? OR parent_id = ? OR browser_id = ?) AND ended_at IS NULL",
        {static_cast<std::int64_t>(current->proven),
         current->factor.amr,
         std::int64_t{current->factor.aal},
         current->factor.authenticator_id,
         std::int64_t{current->factor.phishing_resistant},
         value(current->last_proof_at),
         current->signed_in_amr,
         value(current->id),
         value(current->id),
         value(current->id)}
    );
    auto event = audit::event_by(
        holder_of(*current, where), "session.rotated", "rotate", object_of(*current)
    );
    event.fields = {{.name = "cause", .value = std::string("stepup")}};
    audit::append(tx, moment, event);
    return Opened{.session = *std::move(current), .token = std::move(token)};
}

Result<Opened> open_on_host(
    store::Tx& tx, const Moment& moment, const Session& parent, const std::string& host
) {
    if (parent.channel != Channel::web || host.empty()) {
        return refuse(Refusal::denied, "handoff.not_web");
    }
    SP_TRY(auto session, child_of(tx, moment, parent));
    session.channel = Channel::host;
    session.host = host;
    const audit::Where where{
        .source = session.source,
        .channel = "gateway",
        .workstation = "unregistered",
        .zone = session.zone,
    };
    return store_new(tx, moment, std::move(session), where, {});
}

Result<Opened> open_on_command_line(
    store::Tx& tx, const Moment& moment, const Session& parent, const audit::Where& where
) {
    if (parent.channel != Channel::web) return refuse(Refusal::denied, "cli_code.not_web");
    SP_TRY(auto session, child_of(tx, moment, parent));
    session.channel = Channel::cli;
    session.source = where.source;
    auto here = where;
    here.zone = session.zone;
    return store_new(tx, moment, std::move(session), here, {});
}

Result<void> check_renewable(const Session& session) {
    if (session.channel == Channel::cli && session.parent) {
        return refuse(Refusal::denied, "session.through_browser");
    }
    return {};
}

std::optional<Session> find(store::Tx& tx, const TokenDigest& digest) {
    return first(select_open(tx, "s.token_digest = ?", {bytes_of(digest)}));
}

std::optional<Session> find(store::Tx& tx, const SessionId& id) {
    return first(select_open(tx, "s.id = ?", {value(id)}));
}

std::vector<Session> list_open(store::Tx& tx, const std::optional<AccountId>& account) {
    if (!account) return select_open(tx, "1 = 1");
    return select_open(tx, "s.account_id = ?", {value(*account)});
}

void touch(store::Tx& tx, const SessionId& id, Time last_active_at) {
    tx.execute(
        "UPDATE session SET last_active_at = ? "
        "WHERE id = (SELECT COALESCE(parent_id, browser_id, id) FROM session WHERE id = ?) "
        "AND last_active_at < ? AND ended_at IS NULL",
        {value(last_active_at), value(id), value(last_active_at)}
    );
}

TokenDigest digest_of(BytesView token) {
    return crypto::sha256(token);
}

}  // namespace sallyport::session
