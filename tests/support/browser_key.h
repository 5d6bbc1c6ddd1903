#pragma once
// A key as a browser keeps one for signing (base/crypto/browser_key.h).

#include "base/core/bytes.h"
#include "base/crypto/p256_private_key.h"

namespace sallyport::test {

class BrowserKey {
public:
    [[nodiscard]] Bytes spki() const {
        // RFC 5480: what stands before the point in a SubjectPublicKeyInfo of P-256.
        auto out = from_hex("3059301306072a8648ce3d020106082a8648ce3d030107034200").value();
        out.insert(out.end(), key_.public_point().begin(), key_.public_point().end());
        return out;
    }

    [[nodiscard]] Bytes sign(BytesView statement) const {
        const auto signature = key_.sign(statement);
        return {signature.begin(), signature.end()};
    }

private:
    crypto::P256PrivateKey key_ = crypto::P256PrivateKey::generate();
};

}  // namespace sallyport::test
