#pragma once
// That somebody made sure who a person is, and how, before anything was bound to them (S1-26,
// SP 800-63A-4). A record is never changed; the latest counts. Without one no authenticator is
// issued to workforce accounts: tickets, the end of an enrolment and whatever adds one ask. The
// process for people to read is docs/identity-proofing.md.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::authn {

enum class ProofingMethod : std::uint8_t {
    in_person,          // the verifier and the person met, with the evidence in hand
    remote_supervised,  // over video, supervised throughout
    employment_record,  // personnel had checked it when they hired them
    console,            // the first administrator: whoever reads the machine's console
};

inline constexpr std::array all_proofing_methods = {
    ProofingMethod::in_person,
    ProofingMethod::remote_supervised,
    ProofingMethod::employment_record,
    ProofingMethod::console,
};

[[nodiscard]] std::string_view to_text(ProofingMethod method) noexcept;
[[nodiscard]] std::optional<ProofingMethod> proofing_method(std::string_view text) noexcept;

inline constexpr std::size_t proofing_text_max = 200;  // bytes

struct IdentityProofing {
    ProofingMethod method;
    std::string evidence;  // its type ("identity card"), never its number
    std::string verifier;  // who looked at it
    Time proofed_on;
};

// Patients alone register by themselves; everybody else works here.
[[nodiscard]] bool needs_identity_proofing(std::string_view role) noexcept;

// Permission and step-up are the caller's. Nobody vouches for themselves, whatever their account.
// Refuses invalid "identity.evidence_malformed", "identity.verifier_malformed",
// "identity.date_ahead", denied "identity.own_person", invalid "identity.method_console". Writes
// identity.proofed.
[[nodiscard]] Result<void> record_identity_proofing(
    store::Tx& tx,
    const Moment& moment,
    const PersonId& person,
    const IdentityProofing& proofing,
    const audit::Actor& actor
);
// The first administrator's, whose proof is that they read the code on the machine's console.
void record_console_proofing(store::Tx& tx, const Moment& moment, const PersonId& person);

[[nodiscard]] std::optional<IdentityProofing> find_identity_proofing(
    store::Tx& tx, const PersonId& person
);
// Refuses conflict "identity.not_proofed".
[[nodiscard]] Result<void> require_identity_proofing(
    store::Tx& tx, const PersonId& person, std::string_view role
);

}  // namespace sallyport::authn
