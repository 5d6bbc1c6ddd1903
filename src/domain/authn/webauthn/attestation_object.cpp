#include "domain/authn/webauthn/attestation_object.h"

namespace sallyport::authn::webauthn {

namespace {

constexpr std::size_t format_size_max = 32;  // RFC 8809 §2.1
constexpr crypto::CborLimits limits{
    .size_max = attestation_object_size_max, .depth_max = 8, .items_max = 512
};

std::unexpected<Refusal> malformed() {
    return refuse(Refusal::invalid, "webauthn.attestation_object");
}

}  // namespace

Result<AttestationObject> parse_attestation_object(BytesView cbor) {
    auto object = crypto::parse_cbor(cbor, limits);
    if (!object) return malformed();
    const auto* const format = object->find("fmt");
    const auto* const statement = object->find("attStmt");
    const auto* const data = object->find("authData");
    if (format == nullptr || statement == nullptr || data == nullptr) return malformed();
    const auto name = format->text();
    const auto bytes = data->bytes();
    if (!name || name->size() > format_size_max || !statement->is_map() || !bytes) {
        return malformed();
    }
    return AttestationObject{
        .format = std::string(*name), .statement = *statement, .authenticator_data = *bytes
    };
}

}  // namespace sallyport::authn::webauthn
