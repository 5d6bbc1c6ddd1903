#include "domain/authn/webauthn/attestation_formats.h"

namespace sallyport::authn::webauthn {

Result<Attestation> verify_none(const AttestationInput& input) {
    if (!input.statement.items().empty()) return bad_statement("none: the statement is not empty");
    return Attestation{.format = {}, .type = AttestationType::none, .trust_path = {}};
}

}  // namespace sallyport::authn::webauthn
