#pragma once
// A maker of security keys: a root, and a certificate under it with which its keys attest
// themselves (WebAuthn §8.2, packed).

#include "tests/support/attestation_authority.h"
#include "tests/support/webauthn_ceremony.h"

#include <cstdint>
#include <string>

namespace sallyport::test {

class KeyMaker {
public:
    explicit KeyMaker(const std::string& name = "Maker of Keys") : root_(make_authority(name)) {}

    [[nodiscard]] crypto::AttestationCertificate root() const { return root_.parsed(); }

    // That the key of this registration is one of its own.
    [[nodiscard]] Statement vouch(const CeremonyPlan& plan) const {
        return {
            .format = "packed",
            .members =
                {
                    {cbor::text("alg"), algorithm(attesting_.key)},
                    {cbor::text("sig"), cbor::bytes(attesting_.key.sign(signed_bytes(plan)))},
                    {cbor::text("x5c"), cbor::array({cbor::bytes(attesting_.der)})},
                },
        };
    }

    // The key vouches for itself, which anything can do.
    [[nodiscard]] static Statement self(const CeremonyPlan& plan) {
        return {
            .format = "packed",
            .members =
                {
                    {cbor::text("alg"), algorithm(plan.key)},
                    {cbor::text("sig"), cbor::bytes(plan.key.sign(signed_bytes(plan)))},
                },
        };
    }

private:
    [[nodiscard]] static Bytes algorithm(const SigningKey& key) {
        return cbor::integer(static_cast<std::int64_t>(key.algorithm()));
    }

    AttestingCertificate root_;
    AttestingCertificate attesting_ = make_attesting(packed_plan(), SigningKey(), &root_);
};

}  // namespace sallyport::test
