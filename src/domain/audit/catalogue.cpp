#include "domain/audit/catalogue.h"

#include "base/core/fault.h"

#include <algorithm>
#include <array>
#include <string>

namespace sallyport::audit {

namespace {

constexpr std::uint8_t personal_act = needs_person | needs_factor;
// Of a name that nobody has, nobody is known; of an account, who it is and which factor was tried.
constexpr std::uint8_t tried = allows_unknown | privileged;

// In the order of requirements §7.2; sorted below.
constexpr auto table = std::to_array<EventType>({
    // Who signs in, and how well.
    {"authn.success", needs_person | needs_factor | needs_session, ""},
    {"authn.failure", tried, "stage"},
    {"authn.mfa_prompt", tried, ""},
    {"authn.throttled", tried, "retry_after_s"},
    {"authn.lockout", tried, "until"},
    {"authn.unlock", plain, ""},
    {"authn.replay_detected", tried, ""},
    {"authn.push_sent", allows_unknown, "push_id number_match"},
    {"authn.push_denied", allows_unknown, "push_id answer"},
    {"authn.card_asked", allows_unknown, "purpose"},  // a browser was sent to the card host
    {"authn.card_shown", allows_unknown, "purpose"},  // and showed a certificate that holds good
    {"stepup.required", needs_person | needs_factor, ""},
    {"stepup.success", needs_person | needs_factor | needs_session, ""},
    {"stepup.failure", needs_person | needs_factor, ""},
    // Sessions.
    {"session.created", needs_person | needs_factor | needs_session, "idle_limit_s absolute_limit_s"
    },
    {"session.rotated", needs_session, ""},
    {"session.locked", needs_session, "cause"},
    {"session.unlocked", needs_person | needs_factor | needs_session, ""},
    {"workstation.registered", privileged, "name zone"},
    {"workstation.removed", privileged, "name zone"},
    {"workstation.posture_reported", privileged, "taken outdated unknown"},
    {"workstation.reader_ticket_issued", privileged, "name mode"},
    {"workstation.reader_registered", plain, "name mode"},
    {"badge.tapped", plain, "known mode proof"},  // a card was put on a workstation's reader
    {"badge.removed", plain, "mode"},             // and taken away
    {"workstation.recognised", allows_unknown, "name zone"},         // by its certificate
    {"workstation.certificate_judged", plain, "name stands_until"},  // again, and otherwise
    {"session.switch_user", plain, "from_session to_session"},
    {"session.roamed", needs_session, "from_workstation to_workstation"},
    {"session.expired_idle", needs_session, "limit_s"},
    {"session.expired_absolute", needs_session, "limit_s"},
    {"session.terminated", needs_session, "cause"},
    // Decisions and patient data.
    {"authz.denied", allows_unknown, ""},
    {"authz.allowed_sensitive", plain, ""},
    {"phi.read", needs_person, "patient_ref dataset count purpose"},
    {"phi.read_by_admin", personal_act, "patient_ref dataset"},
    {"phi.annotate", needs_person, "patient_ref version"},
    {"phi.export", personal_act, "filter_digest rows destination"},
    {"phi.telemetry_write", plain, "stream count schema"},
    // People, roles, their life.
    {"user.created", privileged, ""},
    {"user.modified", privileged, "changed_fields"},
    {"user.disabled", privileged, ""},
    {"user.enabled", privileged, ""},
    {"user.deleted", privileged, ""},
    {"role.assigned", privileged, "role"},
    {"role.revoked", privileged, "role"},
    {"role.definition_changed", privileged, "role version"},
    {"role.elevated", personal_act | needs_grant, "role until"},
    {"role.elevation_expired", needs_grant, "role"},
    {"lifecycle.hr_event", plain, "feed event effective_at"},
    {"lifecycle.terminated", plain, "effective_at completed_at"},
    {"lifecycle.partner_notified", plain, "partner notified_at"},
    {"lifecycle.dormant_disabled", plain, "days_idle"},
    {"identity.proofed", plain, "method"},
    // Authenticators and recovery.
    {"cred.bound", plain, "authenticator_id"},
    {"cred.revoked", privileged, "authenticator_id"},
    {"cred.expired", plain, "authenticator_id"},
    {"cred.expiring", plain, "authenticator_id days_left"},
    {"cred.password_changed", plain, "by"},
    {"cred.compromise_detected", plain, "signal"},
    // Proven, and led there before any session: a new passphrase, a second factor.
    {"cred.change_required", needs_person | needs_factor, "what"},
    {"recovery.requested", allows_unknown, ""},
    {"recovery.approved", personal_act, ""},
    {"recovery.denied", personal_act, ""},
    {"recovery.completed", allows_unknown, ""},
    {"recovery.code_issued", plain, "count"},
    {"recovery.lapsed", plain, ""},  // nobody decided or used it in time
    // Reviews and break-glass.
    {"review.opened", plain, "scope due"},
    {"review.decision", personal_act, "decision"},
    {"review.closed", plain, "kept removed unanswered"},
    {"review.overdue", plain, "due days"},
    {"bg.activated", personal_act, "condition justification until"},
    {"bg.notified", plain, "recipients channel"},
    {"bg.ended", plain, "cause"},
    {"bg.reviewed", personal_act, "finding"},
    {"bg.review_overdue", plain, "due"},
    // Access to devices, and its recording.
    {"grant.requested", needs_person | needs_grant, "from until purpose"},
    {"grant.approved", personal_act | needs_grant, ""},
    {"grant.denied", personal_act | needs_grant, ""},
    {"grant.expired", needs_grant, ""},
    {"grant.revoked", privileged | needs_grant, ""},
    {"pam.connect", personal_act | needs_session | needs_grant, "protocol"},
    {"pam.connect_denied", allows_unknown, ""},
    {"pam.command", plain, "seq command"},
    {"pam.file_transfer", plain, "direction name size sha256"},
    {"pam.live_monitor", personal_act, "mode"},
    {"pam.disconnect", plain, "cause"},
    {"rec.started", plain, ""},
    {"rec.sealed", plain, "root_hash"},
    {"rec.gap", plain, "cause"},
    {"rec.viewed", personal_act, ""},
    {"rec.exported", personal_act, ""},
    {"rec.integrity_failed", plain, ""},
    {"rec.purged", plain, "policy"},
    // Device credentials and the network around devices.
    {"vault.secret_stored", privileged, ""},
    {"vault.secret_used", needs_person | needs_session | needs_grant, "device"},
    {"vault.checkout_denied", plain, ""},
    {"vault.revealed", personal_act, "approver"},
    {"vault.rotated", plain, "verified_on_device"},
    {"vault.rotation_not_possible", plain, "next_check"},
    {"acl.generated", plain, "target_platform rules_digest"},
    {"acl.attested", personal_act, "change_ticket"},
    {"acl.drift", plain, "expected_digest observed_digest"},
    {"acl.bypass_detected", plain, "probe_source port"},
    {"acl.probe_ok", plain, "probe_source port"},
    {"device.registered", privileged, "serial archetype"},
    {"device.identity_issued", plain, "key_origin cert_serial"},
    {"device.identity_revoked", plain, "cause"},
    {"device.telemetry_rejected", allows_unknown, ""},
    // The inline shim.
    {"shim.auth_success", plain, "technician"},
    {"shim.auth_failure", allows_unknown, "count"},
    {"shim.lockout", plain, "until"},
    {"shim.state", plain, "from to cause"},
    {"shim.heartbeat", plain, "counter state"},
    {"shim.heartbeat_missed", plain, "missed"},
    {"shim.tamper", plain, "event action"},
    {"shim.reset", personal_act, "second_person"},
    {"shim.storage_low", plain, "used_pct"},
    // Configuration, the log itself, time, the system.
    {"config.proposed", personal_act, ""},
    {"config.approved", personal_act, "version"},
    {"config.applied", privileged, "version"},
    {"config.rejected", privileged, ""},
    {"config.tamper", plain, "expected_hash observed_hash"},
    {"override.admin", personal_act, "until"},
    {"audit.chain_verified", plain, "from_seq to_seq root"},
    {"audit.chain_broken", plain, "first_bad_seq kind"},
    {"audit.anchor", plain, "seq root target"},
    {"audit.forward_failed", plain, "target backlog"},
    {"audit.storage_threshold", plain, "used_pct"},
    {"audit.viewed", needs_person, "rows"},
    {"audit.exported", personal_act, "range destination"},
    {"audit.review_done", personal_act, "scope"},
    {"time.skew", plain, "offset_ms"},
    {"tls.failure", allows_unknown, ""},
    {"sys.start", plain, "version"},
    {"sys.stop", plain, "cause"},
    {"sys.degraded", plain, "component mode"},
    {"sys.failover", plain, "from to"},
    {"selftest.run", plain, "suite"},
    {"verify.control_run", plain, "scenario"},
    {"secret.scan_hit", plain, "location kind"},
    // Detection, vendors, federation, evidence, training.
    {"detect.alert", plain, "rule severity"},
    {"detect.contained", plain, "alert"},
    {"vendor.baa_recorded", personal_act, "agreement"},
    {"vendor.baa_expiring", plain, "days"},
    {"vendor.attestation", plain, "kind doc_hash"},
    {"vendor.visit", plain, "device in"},
    {"sso.assertion_issued", needs_person | needs_session, "rp acr"},
    {"sso.assertion_rejected", allows_unknown, "issuer"},
    {"sso.logout_propagated", needs_session, ""},
    {"oauth.token_issued", plain, "client scope expires"},
    {"oauth.token_revoked", plain, "cause"},
    {"oauth.reuse_detected", allows_unknown, "client token_family"},
    {"cjr.transition", needs_person, "from to version"},
    {"cjr.trigger_fired", plain, "trigger"},
    {"cjr.signed", personal_act, "meaning record_hash"},
    {"risk.item_changed", needs_person, "field"},
    {"risk.accepted", personal_act, "until"},
    {"mdrs.scored", needs_person, "composite tier"},
    {"stride.published", needs_person, "version"},
    {"evidence.pack_generated", personal_act, "hash"},
    {"sign.executed", personal_act, "meaning hash"},
    {"epcs.access_granted", personal_act, "second_person"},
    {"epcs.daily_report", plain, "date"},
    {"training.acknowledged", needs_person, "module version"},
    {"privacy.notice_sent", plain, "topic channel"},
    // Ours, beside §7.2.
    {"incident.reported", needs_person, "events"},  // "this wasn't me"
    {"incident.closed", personal_act, "why"},
    {"user.activated", plain, ""},                 // enrolment finished: pending becomes active
    {"notice.accepted", needs_person, "version"},  // the recording notice, per version
    {"notice.seen", needs_person, "count"},        // notices about one's own account
    {"cred.recovery_code_used", needs_person, ""},
    {"recovery.codes_requested", needs_person, "until"},  // new ones, outside enrolment
    {"recovery.codes_approved", personal_act, "until"},
    {"recovery.codes_denied", personal_act, ""},
    {"cred.passphrase_removed", privileged, "keys"},  // its holder signs in with keys alone
    {"cred.enrolment_started", plain, "type"},
    {"cred.binding_refused", plain, "model attestation"},  // a key that policy does not take
    {"cred.push_address_set", plain, "authenticator_id"},  // how messages reach a phone
    {"authn.push_approved", needs_person | needs_factor, "push_id"},  // the number was right
    {"cred.issued", plain, "authenticator_id"},  // made, not yet proven by its holder
    {"cred.renamed", plain, "authenticator_id"},
    {"cred.pin_set", privileged, "authenticator_id"},
    {"cred.suspended", privileged, "authenticator_id"},  // mislaid: opens nothing until resumed
    {"cred.resumed", privileged, "authenticator_id"},
    {"cred.expiry_set", privileged, "authenticator_id expires_at"},
    {"device.modified", privileged, "changed_fields"},
    {"device.identity_mismatch", plain, "expected read"},  // another device answers at its address
    {"device.retired", privileged, ""},
    {"device_group.created", privileged, "name"},
    {"device_group.modified", privileged, "name"},
    {"device_group.import_checked", privileged, "problems"},  // tried, nothing changed
    {"device_group.imported", privileged, "registered updated unchanged absent"
    },                                  // a table of devices
    {"ticket.issued", privileged, ""},  // an enrolment ticket
    {"ticket.redeemed", allows_unknown, ""},
    {"ticket.refused", allows_unknown, ""},
    {"handoff.issued", needs_session, ""},  // a code that carries a session to a device host
    {"handoff.redeemed", needs_session, ""},
    {"handoff.refused", allows_unknown, ""},
    {"cli_code.issued", needs_session, ""},  // a code that carries it to the command line
    {"cli_code.redeemed", needs_session, ""},
    {"cli_code.refused", allows_unknown, ""},
    {"bootstrap.opened", plain, ""},  // the one-time code of the first start was made
    {"bootstrap.refused", allows_unknown, ""},
    {"bootstrap.completed", plain, ""},
    {"pam.request_refused", plain, ""},      // the device profile refused one request
    {"rec.degraded", plain, ""},             // the recorder fails or lacks room: no new visits
    {"policy.installed", plain, "version"},  // the first policy, by init
    {"key.created", plain, "kind"},
    {"key.rotated", privileged, "kind reason"},
    {"audit.personal_erased", privileged, "count"},
    // The passphrases that became public were replaced by a newer list of them.
    {"breach_list.imported", plain, "source entries digest os_user reason"},
    // What FIDO says about models of security keys was replaced by a newer list.
    {"authenticator_metadata.imported", plain, "number models compromised os_user reason"},
    {"backup.made", privileged, ""},
    {"backup.restored", privileged, "source events_lost os_user reason"},
});

constexpr auto sorted = [] {
    auto types = table;
    std::ranges::sort(types, {}, &EventType::type);
    return types;
}();

static_assert(std::ranges::adjacent_find(sorted, {}, &EventType::type) == sorted.end());

[[noreturn]] void lacks(const Event& event, std::string_view what) {
    throw Fault("audit event " + std::string(event.type) + " lacks " + std::string(what));
}

bool says_something(const Field& field) {
    const auto* text = std::get_if<std::string>(&field.value);
    return text == nullptr || !text->empty();
}

void check_fields(const Event& event, std::string_view required) {
    while (!required.empty()) {
        const auto name = required.substr(0, required.find(' '));
        required.remove_prefix(std::min(required.size(), name.size() + 1));
        const bool there = std::ranges::any_of(event.fields, [&](const Field& field) {
            return field.name == name && says_something(field);
        });
        if (!there) lacks(event, "fields." + std::string(name));
    }
}

void check_who(const Event& event, std::uint8_t rules) {
    const auto& who = event.who;
    const bool by_person = who.person && who.account;
    if ((rules & needs_person) != 0 && !by_person) lacks(event, "who.person and who.account");
    const bool known = who.person || who.account || !who.system.empty();
    if (!known && (rules & allows_unknown) == 0) lacks(event, "who");
    if (!known && event.where.source.empty()) lacks(event, "who, and where.source in its place");
}

void check_where(const Event& event) {
    const auto& where = event.where;
    if (where.channel.empty()) lacks(event, "where.channel");
    if (where.source.empty() && where.channel != "system") lacks(event, "where.source");
    if (where.workstation.empty()) lacks(event, "where.workstation");
    if (where.zone.empty()) lacks(event, "where.zone");
}

void check_factor(const Event& event, std::uint8_t rules) {
    const bool by_person = event.who.person || event.who.account;
    const bool required = (rules & needs_factor) != 0 || ((rules & privileged) != 0 && by_person);
    if (!required) return;
    if (!event.factor) lacks(event, "factor");
    if (event.factor->amr.empty()) lacks(event, "factor.amr");
    if (event.factor->authenticator_id.empty()) lacks(event, "factor.authenticator_id");
}

}  // namespace

const EventType* find_type(std::string_view type) noexcept {
    const auto found = std::ranges::lower_bound(sorted, type, {}, &EventType::type);
    return found != sorted.end() && found->type == type ? &*found : nullptr;
}

void check_event(const Event& event) {
    const auto* entry = find_type(event.type);
    if (entry == nullptr) {
        throw Fault("audit event type " + std::string(event.type) + " is not in the catalogue");
    }
    check_who(event, entry->rules);
    if (event.action.empty()) lacks(event, "what.action");
    if (event.object.empty()) lacks(event, "what.object");
    check_where(event);
    if (event.reason.empty()) lacks(event, "reason");
    check_factor(event, entry->rules);
    if ((entry->rules & needs_session) != 0 && !event.session) lacks(event, "session");
    if ((entry->rules & needs_grant) != 0 && !event.grant) lacks(event, "grant");
    check_fields(event, entry->fields);
}

}  // namespace sallyport::audit
