#include "base/crypto/browser_key.h"

#include <cstdint>
#include <utility>

namespace sallyport::crypto {

Result<PublicKey> read_browser_key(BytesView spki) {
    if (spki.size() != browser_key_size) return refuse(Refusal::invalid, "key.malformed");
    SP_TRY(auto key, PublicKey::from_spki(spki));
    if (!key.fits(CoseAlgorithm::es256)) return refuse(Refusal::invalid, "key.malformed");
    return key;
}

Bytes statement(std::initializer_list<BytesView> parts) {
    ByteWriter out;
    for (const auto part : parts) {
        out.u32(static_cast<std::uint32_t>(part.size()));
        out.put(part);
    }
    return std::move(out).take();
}

bool is_signed_by(const PublicKey& key, BytesView statement, BytesView signature) {
    if (signature.size() != browser_signature_size) return false;
    return key.verify(CoseAlgorithm::es256, statement, ecdsa_signature_to_der(signature));
}

}  // namespace sallyport::crypto
