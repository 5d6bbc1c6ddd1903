#pragma once
// A phone that answers sign-in questions, as its browser would: a key of its own, and signatures
// over what it is shown and told.

#include "base/core/bytes.h"
#include "base/core/id.h"
#include "base/crypto/p256_private_key.h"
#include "domain/authn/push/push_statement.h"

#include <string>
#include <string_view>
#include <utility>

namespace sallyport::test {

class Phone {
public:
    explicit Phone(std::string origin) : origin_(std::move(origin)) {}

    [[nodiscard]] const std::string& origin() const noexcept { return origin_; }

    [[nodiscard]] Bytes spki() const {
        // RFC 5480: what stands before the point in a SubjectPublicKeyInfo of P-256.
        auto out = from_hex("3059301306072a8648ce3d020106082a8648ce3d030107034200").value();
        out.insert(out.end(), key_.public_point().begin(), key_.public_point().end());
        return out;
    }

    [[nodiscard]] Bytes sign(BytesView message) const {
        const auto signature = key_.sign(message);
        return {signature.begin(), signature.end()};
    }

    [[nodiscard]] Bytes enrol(const AuthenticatorId& id, BytesView challenge) const {
        return sign(authn::push_enrolment_message(id, challenge, origin_));
    }

    [[nodiscard]] authn::PushAnswer answer(
        const PushAttemptId& attempt, authn::PushDecision decision, int number = 0
    ) const {
        authn::PushAnswer given{
            .attempt = attempt, .decision = decision, .number = number, .signature = {}
        };
        given.signature = sign(authn::push_answer_message(given, origin_));
        return given;
    }

private:
    crypto::P256PrivateKey key_ = crypto::P256PrivateKey::generate();
    std::string origin_;
};

}  // namespace sallyport::test
