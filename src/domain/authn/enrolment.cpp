#include "domain/authn/enrolment.h"

#include "base/core/bytes.h"
#include "base/core/fault.h"
#include "domain/audit/log.h"
#include "domain/authn/authn_events.h"
#include "domain/authn/bootstrap_store.h"
#include "domain/authn/breach_check.h"
#include "domain/authn/code_attempts.h"
#include "domain/authn/enrolment_store.h"
#include "domain/authn/means_to_sign_in.h"
#include "domain/authn/one_time_code.h"
#include "domain/authn/passphrase.h"
#include "domain/authn/qr_svg.h"
#include "domain/authn/security_key_store.h"
#include "domain/authn/ticket_store.h"
#include "domain/authn/totp.h"
#include "domain/authn/webauthn_challenge.h"
#include "domain/directory/shared_name.h"
#include "domain/directory/text_rules.h"

namespace sallyport::authn {

namespace {

using crypto::Secret;

constexpr std::size_t token_size = 32;
constexpr std::size_t display_name_max = 200;

Enrolment shown(store::Tx& tx, const EnrolmentRow& row, const policy::Policy& policy) {
    return {
        .kind = row.kind,
        .stage = row.verifier ? EnrolmentStage::authenticator : EnrolmentStage::passphrase,
        .account = row.account,
        .login_name = row.login_name,
        .display_name = row.display_name,
        .role = row.role,
        .strength = role_strength(policy, row.role),
        .demands_second_factor = demands_second_factor(tx, policy, row.role, row.account),
        .ends_at = row.ends_at,
    };
}

void write_code_event(
    store::Tx& tx,
    const Moment& moment,
    std::string_view type,
    const std::string& object,
    std::string_view reason,
    const audit::Where& where
) {
    auto event = audit::event_by(actor_of(std::nullopt, where), type, "redeem", object);
    event.outcome = reason == "ok" ? audit::Outcome::success : audit::Outcome::refused;
    event.reason = reason;
    audit::append(tx, moment, event);
}

Enrolling::Started start(
    store::Tx& tx, const Moment& moment, const policy::Policy& policy, EnrolmentRow row
) {
    row.authenticator = AuthenticatorId::fresh(moment.now, moment.random);
    row.ends_at = moment.now + enrolment_max;
    auto token = Secret::random(token_size);
    insert_enrolment(tx, token.expose(), row);
    return {.token = std::move(token), .enrolment = shown(tx, row, policy)};
}

Result<ShownTicket> read_shown(std::string_view code, std::string_view agent_code) {
    SP_TRY(auto canonical, read_one_time_code(code));
    ShownTicket shown{.code = std::move(canonical), .agent_code = std::nullopt};
    if (agent_code.empty()) return shown;
    SP_TRY(auto second, read_one_time_code(agent_code));
    shown.agent_code.emplace(std::move(second));
    return shown;
}

EnrolmentRow empty_row(EnrolmentKind kind, const Moment& moment) {
    return {
        .kind = kind,
        .account = std::nullopt,
        .ticket = std::nullopt,
        .login_name = {},
        .display_name = {},
        .role = {},
        .verifier = std::nullopt,
        .authenticator = AuthenticatorId::fresh(moment.now, moment.random),
        .seed = std::nullopt,
        .ends_at = moment.now + enrolment_max,
    };
}

}  // namespace

Result<Enrolling::Started> Enrolling::start_with_ticket(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    std::string_view code,
    const audit::Where& where,
    std::string_view agent_code
) const {
    if (moment.clock == ClockState::behind) return refuse(Refusal::denied, "clock.behind");
    SP_CHECK(charge_code_attempt(context_.repeats, tx, moment, where));
    const auto used = [&]() -> Result<Ticket> {
        SP_TRY(const auto shown, read_shown(code, agent_code));
        return use_ticket(tx, moment, context_.keys, shown);
    }();
    if (!used) {
        write_code_event(tx, moment, "ticket.refused", "ticket", used.error().reason, where);
        return refuse(Refusal::denied, "ticket.refused", std::string(used.error().reason));
    }
    settle_code_attempt(tx, moment, where);
    const auto object = "ticket:" + used->id.text();
    write_code_event(tx, moment, "ticket.redeemed", object, "ok", where);

    const auto account = directory::find_account(tx, used->account);
    if (!account) return refuse(Refusal::denied, "ticket.refused", "account.unknown");
    auto row = empty_row(
        used->kind == TicketKind::first ? EnrolmentKind::first : EnrolmentKind::reset, moment
    );
    row.account = account->id;
    row.ticket = used->id;
    row.login_name = account->login_name.text();
    row.display_name = account->display_name;
    row.role = account->role;
    return start(tx, moment, policy, std::move(row));
}

Result<Enrolling::Started> Enrolling::start_with_bootstrap_code(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    std::string_view code,
    const FirstAdministrator& person,
    const audit::Where& where
) const {
    if (moment.clock == ClockState::behind) return refuse(Refusal::denied, "clock.behind");
    if (policy.role(person.role) == nullptr) throw Fault("the policy has no " + person.role);
    // Before the code is used up: a typing error in the name must not cost it.
    if (!directory::is_clean_text(person.display_name, 1, display_name_max)) {
        return refuse(Refusal::invalid, "person.display_name_malformed");
    }
    if (directory::is_shared_name(person.login_name.text())) {
        return refuse(Refusal::invalid, "account.shared_name");
    }
    SP_CHECK(charge_code_attempt(context_.repeats, tx, moment, where));
    const auto used = [&]() -> Result<void> {
        SP_TRY(const auto canonical, read_one_time_code(code));
        return use_bootstrap_code(tx, moment, context_.keys, canonical);
    }();
    if (!used) {
        write_code_event(tx, moment, "bootstrap.refused", "bootstrap", used.error().reason, where);
        return refuse(Refusal::denied, "ticket.refused", std::string(used.error().reason));
    }
    settle_code_attempt(tx, moment, where);
    write_code_event(tx, moment, "ticket.redeemed", "bootstrap", "ok", where);
    auto row = empty_row(EnrolmentKind::bootstrap, moment);
    row.login_name = person.login_name.text();
    row.display_name = person.display_name;
    row.role = person.role;
    return start(tx, moment, policy, std::move(row));
}

Result<Enrolment> Enrolling::find(
    store::Tx& tx, const Moment& moment, const policy::Policy& policy, BytesView token
) const {
    SP_TRY(const auto row, load_enrolment(tx, moment, token));
    return shown(tx, row, policy);
}

Result<std::string> Enrolling::make_passphrase_verifier(
    const Enrolment& enrolment, const Secret& typed
) const {
    SP_TRY(const auto normalised, normalised_passphrase(typed));
    const PassphraseContext known{
        .login_name = enrolment.login_name,
        .display_name = enrolment.display_name,
        .words = context_.context_words,
    };
    SP_CHECK(check_new_passphrase(normalised, enrolment.strength, known));
    if (context_.breaches != nullptr && context_.breaches->is_breached(normalised)) {
        return refuse(Refusal::invalid, "passphrase.breached");
    }
    return make_verifier(context_, typed);
}

Result<void> Enrolling::set_passphrase(
    store::Tx& tx, const Moment& moment, BytesView token, const std::string& verifier
) const {
    SP_TRY(const auto row, load_enrolment(tx, moment, token));
    store_verifier(tx, token, verifier);
    return {};
}

Result<Enrolling::Seed> Enrolling::show_seed(store::Tx& tx, const Moment& moment, BytesView token)
    const {
    SP_TRY(const auto row, load_enrolment(tx, moment, token));
    if (!row.verifier) return refuse(Refusal::conflict, "enrolment.no_passphrase");
    const auto seed = Secret::random(totp_seed_size);
    store_seed(
        tx,
        token,
        {.sealed =
             context_.keys.seal(keys::Purpose::totp_seed, row.authenticator.text(), seed.expose()),
         .algorithm = context_.totp.algorithm}
    );
    auto uri = otpauth_uri(seed, context_.issuer, row.login_name, context_.totp);
    auto svg = qr_svg(uri);
    return Seed{.uri = std::move(uri), .text = seed_text(seed), .svg = std::move(svg)};
}

Result<KeyCreation> Enrolling::offer_key(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    BytesView token,
    const audit::Where& where
) const {
    SP_TRY(auto row, load_enrolment(tx, moment, token));
    if (!row.verifier) return refuse(Refusal::conflict, "enrolment.no_passphrase");
    if (!row.account && !row.user_handle) {
        row.user_handle = fresh_user_handle();
        store_user_handle(tx, token, *row.user_handle);
    }
    const auto account = row.account ? directory::find_account(tx, *row.account) : std::nullopt;
    auto event = audit::event_by(
        account ? actor_of(*account, where) : audit::system_actor("bootstrap"),
        "cred.enrolment_started",
        "enrol",
        account ? "account:" + account->id.text() : "bootstrap"
    );
    event.fields = {{.name = "type", .value = std::string(to_text(AuthenticatorKind::webauthn))}};
    audit::append(tx, moment, event);
    return KeyCreation{
        .challenge = make_challenge(context_.keys, moment, ChallengePurpose::registration, token),
        .user_handle = row.account ? user_handle_of(tx, *row.account) : *row.user_handle,
        .login_name = row.login_name,
        .display_name = row.display_name,
        .exclude = {},  // what the account had is replaced by what is made now
        .rules = key_demand(policy, row.role).rules,
    };
}

}  // namespace sallyport::authn
