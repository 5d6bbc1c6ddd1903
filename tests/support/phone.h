#pragma once
// A phone that answers sign-in questions, as its browser would: a key of its own, and signatures
// over what it is shown and told.

#include "tests/support/browser_key.h"

#include "base/core/bytes.h"
#include "base/core/id.h"
#include "domain/authn/push/push_statement.h"

#include <string>
#include <string_view>
#include <utility>

namespace sallyport::test {

class Phone {
public:
    explicit Phone(std::string origin) : origin_(std::move(origin)) {}

    [[nodiscard]] const std::string& origin() const noexcept { return origin_; }

    [[nodiscard]] Bytes spki() const { return key_.spki(); }

    [[nodiscard]] Bytes sign(BytesView message) const { return key_.sign(message); }

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
    BrowserKey key_;
    std::string origin_;
};

}  // namespace sallyport::test
