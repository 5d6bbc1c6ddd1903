#include "domain/audit/catalogue.h"

#include "base/core/fault.h"
#include "domain/audit/audit_samples.h"
#include "domain/audit/host_command.h"

#include <doctest/doctest.h>

#include <functional>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::audit {

namespace {

std::string fault_of(const Event& event) {
    try {
        check_event(event);
    } catch (const Fault& fault) {
        return fault.what();
    }
    return "";
}

// The whole catalogue of requirements §7.2.
constexpr std::string_view required_types =
    "authn.success authn.failure authn.mfa_prompt authn.throttled authn.lockout authn.unlock "
    "authn.replay_detected authn.push_sent authn.push_denied stepup.required stepup.success "
    "stepup.failure session.created session.rotated session.locked session.unlocked "
    "session.switch_user session.roamed session.expired_idle session.expired_absolute "
    "session.terminated authz.denied authz.allowed_sensitive phi.read phi.read_by_admin "
    "phi.annotate phi.export phi.telemetry_write user.created user.modified user.disabled "
    "user.enabled user.deleted role.assigned role.revoked role.definition_changed role.elevated "
    "role.elevation_expired lifecycle.hr_event lifecycle.terminated lifecycle.partner_notified "
    "lifecycle.dormant_disabled identity.proofed cred.bound cred.revoked cred.expired "
    "cred.expiring cred.password_changed cred.compromise_detected recovery.requested "
    "recovery.approved recovery.denied recovery.completed recovery.code_issued review.opened "
    "review.decision review.closed review.overdue bg.activated bg.notified bg.ended bg.reviewed "
    "bg.review_overdue grant.requested grant.approved grant.denied grant.expired grant.revoked "
    "pam.connect pam.connect_denied pam.command pam.file_transfer pam.live_monitor pam.disconnect "
    "rec.started rec.sealed rec.gap rec.viewed rec.exported rec.integrity_failed rec.purged "
    "vault.secret_stored vault.secret_used vault.checkout_denied vault.revealed vault.rotated "
    "vault.rotation_not_possible acl.generated acl.attested acl.drift acl.bypass_detected "
    "acl.probe_ok device.registered device.identity_issued device.identity_revoked "
    "device.telemetry_rejected shim.auth_success shim.auth_failure shim.lockout shim.state "
    "shim.heartbeat shim.heartbeat_missed shim.tamper shim.reset shim.storage_low config.proposed "
    "config.approved config.applied config.rejected config.tamper override.admin "
    "audit.chain_verified audit.chain_broken audit.anchor audit.forward_failed "
    "audit.storage_threshold audit.viewed audit.exported audit.review_done time.skew tls.failure "
    "sys.start sys.stop sys.degraded sys.failover selftest.run verify.control_run secret.scan_hit "
    "detect.alert detect.contained vendor.baa_recorded vendor.baa_expiring vendor.attestation "
    "vendor.visit sso.assertion_issued sso.assertion_rejected sso.logout_propagated "
    "oauth.token_issued oauth.token_revoked oauth.reuse_detected cjr.transition cjr.trigger_fired "
    "cjr.signed risk.item_changed risk.accepted mdrs.scored stride.published "
    "evidence.pack_generated sign.executed epcs.access_granted epcs.daily_report "
    "training.acknowledged privacy.notice_sent";

std::vector<std::string_view> all_required() {
    std::vector<std::string_view> types;
    for (const auto type : std::views::split(required_types, ' ')) {
        types.emplace_back(type);
    }
    return types;
}

}  // namespace

TEST_CASE("the catalogue has every event type of the requirements") {
    CHECK(all_required().size() == 153);
    for (const auto type : all_required()) {
        CAPTURE(std::string(type));
        CHECK(find_type(type) != nullptr);
    }
}

TEST_CASE("an event type that is not in the catalogue is a fault") {
    auto event = samples::sign_in();
    event.type = "authn.succes";

    CHECK(fault_of(event) == "audit event type authn.succes is not in the catalogue");
}

TEST_CASE("S1-88: an authentication event that lacks person, factor, source or outcome is rejected"
) {
    CHECK(fault_of(samples::sign_in()).empty());

    struct Lack {
        std::function<void(Event&)> take;
        std::string_view fault;
    };

    const Lack lacks[] = {
        {[](Event& e) { e.who.person.reset(); }, "who.person and who.account"},
        {[](Event& e) { e.who.account.reset(); }, "who.person and who.account"},
        {[](Event& e) { e.factor.reset(); }, "factor"},
        {[](Event& e) { e.session.reset(); }, "session"},
        {[](Event& e) { e.factor->amr.clear(); }, "factor.amr"},
        {[](Event& e) { e.factor->authenticator_id.clear(); }, "factor.authenticator_id"},
        {[](Event& e) { e.where.source.clear(); }, "where.source"},
        {[](Event& e) { e.where.channel.clear(); }, "where.channel"},
        {[](Event& e) { e.where.workstation.clear(); }, "where.workstation"},
        {[](Event& e) { e.where.zone.clear(); }, "where.zone"},
        {[](Event& e) { e.action.clear(); }, "what.action"},
        {[](Event& e) { e.object.clear(); }, "what.object"},
        {[](Event& e) { e.reason.clear(); }, "reason"},
    };
    for (const auto& lack : lacks) {
        auto event = samples::sign_in();
        lack.take(event);
        CHECK(fault_of(event) == "audit event authn.success lacks " + std::string(lack.fault));
    }
}

TEST_CASE("S1-88: of a known account, a failed authentication names person and factor too") {
    for (const std::string_view type :
         {"authn.failure",
          "authn.mfa_prompt",
          "authn.throttled",
          "authn.lockout",
          "authn.replay_detected"}) {
        CAPTURE(type);
        auto event = samples::sign_in();
        event.type = type;
        event.fields = {
            {.name = "stage", .value = std::string("factor1")},
            {.name = "retry_after_s", .value = std::int64_t{1}},
            {.name = "until", .value = std::string("unlocked")},
        };
        CHECK(fault_of(event).empty());
        const auto lacks = "audit event " + std::string(type) + " lacks ";
        auto without = event;
        without.factor.reset();
        CHECK(fault_of(without) == lacks + "factor");
        without = event;
        without.factor->authenticator_id.clear();
        CHECK(fault_of(without) == lacks + "factor.authenticator_id");
        // A name that nobody has: then the source stands for whoever it was.
        without = event;
        without.who = {};
        without.factor.reset();
        CHECK(fault_of(without).empty());
        without.where.source.clear();
        CHECK_FALSE(fault_of(without).empty());
    }
}

TEST_CASE("S1-88: step-up and privileged events name the factor, and who did them is a person") {
    for (const auto type : all_required()) {
        const bool named = type.starts_with("stepup.") || type.starts_with("user.") ||
                           type.starts_with("config.a") || type == "grant.approved" ||
                           type == "sign.executed" || type == "vault.secret_stored" ||
                           type == "rec.exported" || type == "device.registered";
        if (!named) continue;
        auto event = samples::sign_in();
        event.type = type;
        event.factor.reset();
        CAPTURE(std::string(type));
        CHECK(fault_of(event) == "audit event " + std::string(type) + " lacks factor");
    }
}

TEST_CASE("S0-64 (part): a failed sign-in needs no person, but a stage and a source") {
    CHECK(fault_of(samples::failure()).empty());

    auto nowhere = samples::failure();
    nowhere.where.source.clear();
    CHECK(
        fault_of(nowhere) == "audit event authn.failure lacks who, and where.source in its place"
    );

    auto vague = samples::failure();
    vague.fields.erase(vague.fields.begin());
    CHECK(fault_of(vague) == "audit event authn.failure lacks fields.stage");

    auto empty = samples::failure();
    empty.fields.front().value = std::string();
    CHECK(fault_of(empty) == "audit event authn.failure lacks fields.stage");
}

TEST_CASE("S0-66: an administrative act by nobody in particular is rejected") {
    auto event = event_by(samples::engineer(), "grant.approved", "approve", "grant:1");
    test::ReplayedRandom random;
    event.grant = GrantId::fresh(from_micros(0), random);
    CHECK(fault_of(event).empty());

    event.who = Who{};
    event.who.system = "admin";
    CHECK(fault_of(event) == "audit event grant.approved lacks who.person and who.account");
}

TEST_CASE("what Sallyport does by itself names its part, and needs no factor") {
    auto event = event_by(system_actor("bootstrap"), "user.created", "create", "account:1");
    CHECK(fault_of(event).empty());

    event.who.system.clear();
    CHECK(fault_of(event) == "audit event user.created lacks who");
}

TEST_CASE("a command on the host is on record with whom the system says it was, and why") {
    const HostCommand by{"uid=998(sallyport)", "the disk died"};
    auto event = event_by(by, "backup.restored", "restore", "database");
    event.fields.push_back({"source", "/backups/1"});
    event.fields.push_back({"events_lost", std::int64_t{0}});
    CHECK(fault_of(event).empty());
    CHECK(event.who.system == "operator");

    for (std::size_t i = 0; i < event.fields.size(); ++i) {
        auto without = event;
        without.fields.erase(without.fields.begin() + static_cast<std::ptrdiff_t>(i));
        CHECK(
            fault_of(without) == "audit event backup.restored lacks fields." + event.fields[i].name
        );
    }
}

TEST_CASE("a fault names the type and what it lacks, never a value") {
    auto event = samples::failure("hunter2-typed-into-the-name-field");
    event.fields.erase(event.fields.begin());

    CHECK(fault_of(event).find("hunter2") == std::string::npos);
}

}  // namespace sallyport::audit
