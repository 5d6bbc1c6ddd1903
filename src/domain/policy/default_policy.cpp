#include "domain/policy/default_context.h"
#include "domain/policy/policy.h"

#include <algorithm>
#include <initializer_list>

namespace sallyport::policy {

namespace {

using namespace std::chrono_literals;
using enum Permission;

PermissionSet set_of(std::initializer_list<Permission> permissions) {
    PermissionSet set;
    for (const auto permission : permissions) {
        set.set(static_cast<std::size_t>(permission));
    }
    return set;
}

RoleRules patient() {
    return {
        .name = "patient",
        .scope = "clinical",
        .job = "Person in care, or who was",
        .can = "Read their own data",
        .cannot = "See anyone else's data",
        .owner = "privacy office",
        .purpose = "Lets people see what is kept about them",
        .intended_use = "docs/intended-use.md: named, not yet used",
        .permissions = set_of({self_read, self_manage}),
        .risk = Risk::low,
        .risk_item =
            "SP-R1: a second factor that keeps patients out harms them more than it protects",
        .strength = required_strength(Risk::low),
        .idle = 30min,
        .absolute = 4h,
        .timer_rationale =
            "Read at home or on a phone in a waiting room, which others pick up: long enough for "
            "one visit to the portal, short enough for a shared device.",
        .recovery_by_mail = true,
    };
}

RoleRules clinician() {
    return {
        .name = "clinician",
        .scope = "clinical",
        .job = "Treats patients of their organisation",
        .can = "Read and annotate data of patients assigned to their organisation",
        .cannot = "Change device configuration, manage users",
        .owner = "medical director",
        .purpose = "Lets those who treat read and annotate what treatment needs",
        .intended_use = "docs/intended-use.md: named, not yet used",
        .permissions = set_of({self_read, self_manage}),
        .risk = Risk::medium,
        .strength = required_strength(Risk::medium),
        .idle = 60min,
        .absolute = 8h,
        .unlock = 4h,
        .timer_rationale =
            "A consultation with its notes takes most of an hour, a shift eight: nobody is signed "
            "out in front of a patient.",
    };
}

RoleRules clinical_administrator() {
    return {
        .name = "clinical_administrator",
        .scope = "clinical",
        .job = "Administers the people and applications of the clinical scope",
        .can =
            "Manage users and applications; recover accounts together with a second person; "
            "approve policy that another proposed; each change asks for a fresh proof",
        .cannot =
            "See raw patient data without a prior audit event, approve their own requests or "
            "for accounts they made, hold a clinical role in the same account",
        .owner = "information technology",
        .purpose = "Lets one place decide who uses clinical applications",
        .intended_use = "docs/intended-use.md: named, not yet used",
        .permissions = set_of(
            {self_read,
             self_manage,
             user_read,
             user_manage,
             session_end,
             policy_read,
             policy_approve,
             recovery_open,
             recovery_approve,
             incident_read,
             incident_close}
        ),
        .risk = Risk::high,
        .strength = required_strength(Risk::high),
        .idle = 15min,
        .absolute = 8h,
        .timer_rationale =
            "Works at a desk in short tasks and can change who gets in: what is left open is "
            "closed within a quarter of an hour.",
    };
}

RoleRules engineer() {
    return {
        .name = "engineer",
        .scope = "gateway",
        .job = "Services medical devices for the hospital",
        .can = "Reach the devices granted to them, for a reason and a time",
        .cannot = "Read patient data, manage users, approve their own request",
        .owner = "clinical engineering",
        .purpose = "Lets devices be serviced without anybody knowing their passwords",
        .intended_use = "docs/intended-use.md: service and administrative access",
        .permissions = set_of({self_read, self_manage, device_read, grant_request, device_visit}),
        .risk = Risk::high,
        .strength = required_strength(Risk::high),
        .idle = 15min,
        .absolute = 8h,
        .timer_rationale =
            "A visit to a device is worked on without pause; between two visits the laptop stands "
            "beside the bed.",
    };
}

RoleRules vendor_engineer() {
    return {
        .name = "vendor_engineer",
        .scope = "gateway",
        .job = "Services the devices of the vendor that employs them",
        .can = "Ask for a device that the hospital names to them, and reach it while a grant lasts",
        .cannot =
            "See which devices the hospital has, visit without somebody else's yes or unrecorded, "
            "read patient data, manage users",
        .owner = "clinical engineering",
        .purpose = "Lets a maker service its devices and see nothing else of the hospital",
        .intended_use = "docs/intended-use.md: service and administrative access",
        .narrows = "engineer",
        .permissions = set_of({self_read, self_manage, grant_request, device_visit}),
        .risk = Risk::high,
        .strength = required_strength(Risk::high),
        .idle = 15min,
        .absolute = 8h,
        .timer_rationale =
            "Works as an engineer does, mostly from the vendor's own offices, where nobody of the "
            "hospital sees who sits there.",
    };
}

RoleRules approver() {
    return {
        .name = "approver",
        .scope = "gateway",
        .job = "Clinical engineering lead",
        .can =
            "Approve or deny the grants of others, watch and end visits, look at recordings, "
            "approve policy that another proposed",
        .cannot = "Request access, visit a device, approve for accounts whose factors they issued",
        .owner = "clinical engineering",
        .purpose = "Lets nobody into a device without a second person's yes",
        .intended_use = "docs/intended-use.md: service and administrative access",
        .permissions = set_of(
            {self_read,
             self_manage,
             device_read,
             grant_read,
             grant_approve,
             grant_revoke,
             connection_watch,
             recording_read,
             recording_export,
             policy_read,
             policy_approve}
        ),
        .risk = Risk::high,
        .strength = required_strength(Risk::high),
        .idle = 15min,
        .absolute = 8h,
        .timer_rationale =
            "Decides in a minute and goes on: an open session could approve access for others.",
    };
}

RoleRules gateway_administrator() {
    return {
        .name = "gateway_administrator",
        .scope = "gateway",
        .job = "Administers the people and devices of the gateway scope",
        .can =
            "Manage users, devices and their secrets, and backups; recover accounts together with "
            "a second person; each change asks for a fresh proof",
        .cannot =
            "Read a stored secret, request or approve grants, visit a device, look at "
            "recordings",
        .owner = "information technology",
        .purpose = "Lets one place decide which people and devices the gateway knows",
        .intended_use = "docs/intended-use.md: service and administrative access",
        .permissions = set_of(
            {self_read,
             self_manage,
             user_read,
             user_manage,
             session_end,
             device_read,
             device_manage,
             vault_manage,
             grant_read,
             grant_revoke,
             connection_watch,
             audit_read,
             policy_read,
             key_manage,
             backup_make,
             recovery_open,
             recovery_approve,
             incident_read,
             incident_close}
        ),
        .risk = Risk::high,
        .strength = required_strength(Risk::high),
        .idle = 15min,
        .absolute = 8h,
        .timer_rationale =
            "Works at a desk in short tasks and can change who gets in: what is left open is "
            "closed within a quarter of an hour.",
    };
}

RoleRules security_officer() {
    return {
        .name = "security_officer",
        .scope = "both",
        .job = "Security and privacy officer",
        .can =
            "Propose policy, watch and end sessions and visits, replay recordings, export audit, "
            "look after what people report, let recoveries through that another asked for",
        .cannot = "Approve their own proposal, manage users or devices, visit a device",
        .owner = "security and privacy office",
        .purpose = "Lets somebody who operates nothing see and stop everything",
        .intended_use = "docs/intended-use.md: what they did",
        .permissions = set_of(
            {self_read,
             self_manage,
             user_read,
             session_end,
             device_read,
             grant_read,
             grant_revoke,
             connection_watch,
             recording_read,
             recording_export,
             audit_read,
             audit_export,
             policy_read,
             policy_propose,
             recovery_approve,
             incident_read,
             incident_close}
        ),
        .risk = Risk::high,
        .strength = required_strength(Risk::high),
        .idle = 15min,
        .absolute = 8h,
        .timer_rationale =
            "Looks and ends sessions in short tasks; an open session shows everybody's doings.",
    };
}

RoleRules auditor() {
    return {
        .name = "auditor",
        .scope = "both",
        .job = "Internal or external auditor",
        .can = "Read and verify the audit log, replay recordings, export both",
        .cannot = "Change anything",
        .owner = "internal audit",
        .purpose = "Lets somebody who can change nothing check everything",
        .intended_use = "docs/intended-use.md: what they did",
        .permissions = set_of(
            {self_read,
             self_manage,
             user_read,
             device_read,
             grant_read,
             recording_read,
             recording_export,
             audit_read,
             audit_export,
             policy_read,
             incident_read}
        ),
        .risk = Risk::high,
        .strength = required_strength(Risk::high),
        .idle = 15min,
        .absolute = 8h,
        .timer_rationale =
            "Reads at a desk; what is read is about everybody, so an empty chair closes it within "
            "a quarter of an hour.",
    };
}

// Once a policy names its zones, these apply there. (The shipped one has none: only the hospital
// knows its networks.)
std::vector<TimerProfile> clinicians_in_zones() {
    return {
        {.role = "clinician",
         .zone = ZoneKind::consult_room,
         .idle = 60min,
         .absolute = 8h,
         .rationale = "The patient is listened to, not the screen; the room is locked or watched."},
        {.role = "clinician",
         .zone = ZoneKind::ward,
         .idle = 30min,
         .absolute = 8h,
         .rationale = "A round comes back to the workstation within half an hour; visitors pass it."
        },
        {.role = "clinician",
         .zone = ZoneKind::pharmacy,
         .idle = 20min,
         .absolute = 8h,
         .rationale = "Orders are checked one after the other at a counter that many people reach."
        },
        {.role = "clinician",
         .zone = ZoneKind::admin,
         .idle = 30min,
         .absolute = 8h,
         .rationale = "Letters are written at a desk; an office is left for a meeting or a meal."},
        {.role = "clinician",
         .zone = ZoneKind::remote,
         .idle = 15min,
         .absolute = 8h,
         .rationale =
             "Nobody of the hospital sees who sits there; results are looked up in minutes."},
    };
}

}  // namespace

const RoleRules* Policy::role(std::string_view name) const noexcept {
    const auto found = std::ranges::find(roles, name, &RoleRules::name);
    return found == roles.end() ? nullptr : &*found;
}

Policy default_policy() {
    Policy policy;
    policy.version = 1;
    policy.roles = {
        patient(),
        clinician(),
        clinical_administrator(),
        engineer(),
        vendor_engineer(),
        approver(),
        gateway_administrator(),
        security_officer(),
        auditor(),
    };
    policy.timer_profiles = clinicians_in_zones();
    policy.context.rules = default_context_rules();
    policy.notice_version = "1";
    policy.notice_text =
        "Every visit to a device is recorded: each request that you send, each answer of the "
        "device, with your name and the time. Recordings are kept encrypted, 90 days at hand and 7 "
        "years in the archive. They may be looked at by approvers, security officers and auditors, "
        "and each look is itself recorded. They are made to protect patients, devices and you: so "
        "that what was done to a device can be shown later. They are not used to measure your "
        "work.";
    return policy;
}

}  // namespace sallyport::policy
