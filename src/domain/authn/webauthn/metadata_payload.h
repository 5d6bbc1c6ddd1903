#pragma once
// The JSON inside a metadata BLOB, once its signature holds.

#include "domain/authn/webauthn/authenticator_metadata.h"

#include <string_view>

namespace sallyport::authn::webauthn {

// Refuses invalid "metadata.malformed". An entry without AAGUID (UAF and U2F models) is skipped; a
// root that is no certificate is left out, so that it trusts nothing.
[[nodiscard]] Result<MetadataBlob> parse_metadata_payload(std::string_view json);

}  // namespace sallyport::authn::webauthn
