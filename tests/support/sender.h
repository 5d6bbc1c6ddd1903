#pragma once
// A browser that made a key for its sign-in, and proves with it that it is the same one.

#include "tests/support/browser_key.h"

#include "base/core/moment.h"
#include "base/store/tx.h"
#include "domain/session/handoff.h"
#include "domain/session/sender_key.h"

#include <string>
#include <utility>

namespace sallyport::test {

class Sender {
public:
    explicit Sender(std::string origin = "https://sign-in.example") : origin_(std::move(origin)) {}

    [[nodiscard]] std::string key_text() const { return to_base64url(key_.spki()); }

    [[nodiscard]] const std::string& origin() const noexcept { return origin_; }

    void bind(store::Tx& tx, const Moment& moment, const session::Opened& opened) const {
        session::bind_sender_key(tx, moment, opened, key_.spki());
    }

    [[nodiscard]] session::HandoffAsked prove(
        const Bytes& challenge, const session::HandoffTarget& target
    ) const {
        const auto said = session::handoff_statement(challenge, target, origin_);
        return {.target = target, .proof = {.challenge = challenge, .signature = key_.sign(said)}};
    }

    // Offered, proven and issued, as one goes through it.
    [[nodiscard]] Result<crypto::Secret> hand_off(
        store::Tx& tx,
        const Moment& moment,
        const keys::KeyRing& keys,
        const session::Session& session,
        const session::HandoffTarget& target,
        const audit::Actor& actor
    ) const {
        SP_TRY(const auto challenge, session::offer_handoff(tx, moment, keys, session, target));
        const session::HandoffSite site{.keys = keys, .origin = origin_};
        return session::issue_handoff(tx, moment, site, session, prove(challenge, target), actor);
    }

private:
    BrowserKey key_;
    std::string origin_;
};

}  // namespace sallyport::test
