#include "domain/authn/identity_proofing.h"

#include "base/core/fault.h"
#include "domain/audit/log.h"
#include "domain/directory/text_rules.h"

#include <algorithm>
#include <array>

namespace sallyport::authn {

using store::value;

namespace {

constexpr std::array<std::string_view, all_proofing_methods.size()> method_texts = {
    "in_person", "remote_supervised", "employment_record", "console"
};

void store_record(
    store::Tx& tx,
    const Moment& moment,
    const PersonId& person,
    const IdentityProofing& proofing,
    const audit::Actor& actor
) {
    tx.execute(
        "INSERT INTO identity_proofing (id, person_id, method, evidence, verifier, recorded_by, "
        "proofed_on, recorded_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        {value(ProofingId::fresh(moment.now, moment.random)),
         value(person),
         std::string(to_text(proofing.method)),
         proofing.evidence,
         proofing.verifier,
         value(actor.who.account),
         value(proofing.proofed_on),
         value(moment.now)}
    );
    auto event = audit::event_by(actor, "identity.proofed", "proof", "person:" + person.text());
    event.fields = {
        {.name = "method", .value = std::string(to_text(proofing.method))},
        {.name = "evidence_types", .value = proofing.evidence},
        {.name = "verifier", .value = proofing.verifier, .personal = true},
        {.name = "proofed_on", .value = sallyport::to_text(proofing.proofed_on)},
        {.name = "result", .value = std::string("confirmed")},
    };
    audit::append(tx, moment, event);
}

}  // namespace

std::string_view to_text(ProofingMethod method) noexcept {
    return method_texts[static_cast<std::size_t>(method)];
}

std::optional<ProofingMethod> proofing_method(std::string_view text) noexcept {
    const auto* const found = std::ranges::find(method_texts, text);
    if (found == method_texts.end()) return std::nullopt;
    return static_cast<ProofingMethod>(found - method_texts.begin());
}

bool needs_identity_proofing(std::string_view role) noexcept {
    return role != "patient";
}

Result<void> record_identity_proofing(
    store::Tx& tx,
    const Moment& moment,
    const PersonId& person,
    const IdentityProofing& proofing,
    const audit::Actor& actor
) {
    if (!actor.who.account) throw Fault("an identity was proofed by nobody");
    if (proofing.method == ProofingMethod::console) {
        return refuse(Refusal::invalid, "identity.method_console");
    }
    if (!directory::is_clean_text(proofing.evidence, 1, proofing_text_max)) {
        return refuse(Refusal::invalid, "identity.evidence_malformed");
    }
    if (!directory::is_clean_text(proofing.verifier, 1, proofing_text_max)) {
        return refuse(Refusal::invalid, "identity.verifier_malformed");
    }
    if (proofing.proofed_on > moment.now) return refuse(Refusal::invalid, "identity.date_ahead");
    if (actor.who.person == person) return refuse(Refusal::denied, "identity.own_person");
    store_record(tx, moment, person, proofing, actor);
    return {};
}

void record_console_proofing(store::Tx& tx, const Moment& moment, const PersonId& person) {
    const IdentityProofing proofing{
        .method = ProofingMethod::console,
        .evidence = "one-time code",
        .verifier = "bootstrap",
        .proofed_on = moment.now,
    };
    store_record(tx, moment, person, proofing, audit::system_actor("bootstrap"));
}

std::optional<IdentityProofing> find_identity_proofing(store::Tx& tx, const PersonId& person) {
    const auto rows = tx.query(
        "SELECT method, evidence, verifier, proofed_on FROM identity_proofing "
        "WHERE person_id = ? ORDER BY recorded_at DESC, id DESC LIMIT 1",
        {value(person)}
    );
    if (rows.empty()) return std::nullopt;
    const auto& row = rows.front();
    const auto method = proofing_method(row.text(0));
    if (!method) throw Fault("an identity proofing has a method that is not known");
    return IdentityProofing{
        .method = *method,
        .evidence = row.text(1),
        .verifier = row.text(2),
        .proofed_on = row.time(3),
    };
}

Result<void> require_identity_proofing(
    store::Tx& tx, const PersonId& person, std::string_view role
) {
    if (!needs_identity_proofing(role)) return {};
    if (find_identity_proofing(tx, person)) return {};
    return refuse(Refusal::conflict, "identity.not_proofed");
}

}  // namespace sallyport::authn
