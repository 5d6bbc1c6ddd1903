#pragma once
// A request's bytes, twice: as the device gets them, with the vault's credential, and as the
// recording keeps them, without. Both have the same length and differ in the credential only, so
// that what a device received can be compared with what was recorded.

#include "base/core/bytes.h"
#include "base/crypto/secret.h"
#include "edge/gateway/http/credential_mask.h"
#include "edge/http/http1_codec.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::gateway {

// Base64 of "user:password" (RFC 7617), never in a std::string.
[[nodiscard]] crypto::Secret basic_token(
    std::string_view user_name, const crypto::Secret& password
);

// A head with `Authorization: Basic …` as its last field.
class RequestWire {
public:
    // `token` must outlive it.
    RequestWire(
        const http::RequestHead& head,
        const crypto::Secret& token,
        const std::shared_ptr<const CredentialPatterns>& patterns
    );

    // For AnyStream::write; good as long as this object and the token.
    [[nodiscard]] std::vector<std::span<const char>> pieces() const;

    [[nodiscard]] const std::string& recorded() const noexcept { return recorded_; }

private:
    std::string before_;
    const crypto::Secret& token_;
    std::string recorded_;
};

// A request body on its way. Bytes are held back while they may still become the credential (which
// a person who knows it may send), and then go out as they came but are recorded masked.
class RequestBody {
public:
    explicit RequestBody(
        std::shared_ptr<const CredentialPatterns> patterns, Pace pace = Pace::message
    )
        : mask_(std::move(patterns), pace) {}

    struct Part {
        std::string send;
        std::string record;  // as long as `send`
    };

    [[nodiscard]] Part push(std::string_view bytes);
    [[nodiscard]] Part finish();

private:
    [[nodiscard]] Part part(Masked masked);

    CredentialMask mask_;
    std::string held_;
};

}  // namespace sallyport::gateway
