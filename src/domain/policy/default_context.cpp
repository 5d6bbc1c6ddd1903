#include "domain/policy/default_context.h"

#include <initializer_list>
#include <string>
#include <vector>

namespace sallyport::policy {

namespace {

std::bitset<zone_kind_count> zones_of(std::initializer_list<ZoneKind> kinds) {
    std::bitset<zone_kind_count> set;
    for (const auto kind : kinds) {
        set.set(static_cast<std::size_t>(kind));
    }
    return set;
}

// Who lets others in, or sees everybody's doings.
std::vector<std::string> administering() {
    return {
        "clinical_administrator", "approver", "gateway_administrator", "security_officer", "auditor"
    };
}

std::vector<std::string> staff() {
    auto all = administering();
    all.insert(all.begin(), {"clinician", "engineer", "vendor_engineer"});
    return all;
}

ContextRule neglected_device() {
    return {
        .roles = {},
        .posture = Posture::not_compliant,
        .place = std::nullopt,
        .segments = {},
        .outcome = ContextOutcome::limited,
        .rationale =
            "A device with its disk in the clear or an old system may be read along: there people "
            "look after their own account and nothing else.",
    };
}

ContextRule neglected_device_of_the_powerful() {
    return {
        .roles = administering(),
        .posture = Posture::not_compliant,
        .place = std::nullopt,
        .segments = {},
        .outcome = ContextOutcome::deny,
        .rationale =
            "Whoever can let others in, or sees everybody's doings, does so from a device "
            "that is looked after.",
    };
}

ContextRule neglected_device_outside() {
    return {
        .roles = {"clinician", "engineer", "vendor_engineer"},
        .posture = Posture::not_compliant,
        .place = std::nullopt,
        .segments = zones_of({ZoneKind::remote}),
        .outcome = ContextOutcome::deny,
        .rationale = "Outside the house nothing else protects a device that is not in order.",
    };
}

ContextRule patient_abroad() {
    return {
        .roles = {"patient"},
        .posture = std::nullopt,
        .place = Place::abroad,
        .segments = {},
        .outcome = ContextOutcome::step_up,
        .rationale = "A passphrase that was lost is tried from elsewhere; a second factor is not.",
    };
}

ContextRule staff_abroad() {
    return {
        .roles = staff(),
        .posture = std::nullopt,
        .place = Place::abroad,
        .segments = {},
        .outcome = ContextOutcome::phishing_resistant,
        .rationale = "Staff seldom work abroad, and those who phish them do.",
    };
}

ContextRule staff_from_outside() {
    return {
        .roles = staff(),
        .posture = std::nullopt,
        .place = std::nullopt,
        .segments = zones_of({ZoneKind::remote}),
        .outcome = ContextOutcome::phishing_resistant,
        .rationale =
            "From outside the house a false page gets at staff more easily, and nobody sees "
            "who sits there (S1-24).",
    };
}

ContextRule powerful_on_unknown_device_abroad() {
    return {
        .roles = administering(),
        .posture = Posture::unknown,
        .place = Place::abroad,
        .segments = zones_of({ZoneKind::remote}),
        .outcome = ContextOutcome::deny,
        .rationale = "Nobody administers from a stranger's device in another country.",
    };
}

ContextRule powerful_at_the_bedside() {
    return {
        .roles = {"clinical_administrator", "gateway_administrator", "security_officer"},
        .posture = std::nullopt,
        .place = std::nullopt,
        .segments = zones_of({ZoneKind::consult_room, ZoneKind::ward}),
        .outcome = ContextOutcome::phishing_resistant,
        .rationale =
            "Workstations that patients and visitors pass are no place to type what lets "
            "others in.",
    };
}

}  // namespace

std::vector<ContextRule> default_context_rules() {
    return {
        neglected_device(),
        neglected_device_of_the_powerful(),
        neglected_device_outside(),
        patient_abroad(),
        staff_abroad(),
        staff_from_outside(),
        powerful_on_unknown_device_abroad(),
        powerful_at_the_bedside(),
    };
}

}  // namespace sallyport::policy
