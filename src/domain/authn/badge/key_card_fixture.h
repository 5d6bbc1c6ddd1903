#pragma once
// A card with a key of its own, for tests.

#include "tests/support/certificates.h"

#include "domain/authn/badge/card_proof.h"

#include <string>
#include <utility>

namespace sallyport::authn {

struct KeyCard {
    explicit KeyCard(const std::string& kind = "P-256") {
        auto plan = test::root_plan("Card 7");
        plan.key = kind;
        issued = test::self_signed(plan);
    }

    CardProof proof(Bytes challenge, BytesView uid) const {
        auto signature = test::signature_by(issued, card_proof_message(challenge, uid));
        return {std::move(challenge), issued.der(), std::move(signature)};
    }

    test::Issued issued;
};

}  // namespace sallyport::authn
