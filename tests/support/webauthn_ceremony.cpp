#include "tests/support/webauthn_ceremony.h"

#include <algorithm>

namespace sallyport::test {

CeremonyPlan assertion_plan(const CeremonyPlan& registered) {
    auto plan = registered;
    plan.type = "webauthn.get";
    plan.challenge = Bytes(32, std::byte{0xA5});
    plan.flags &= static_cast<std::uint8_t>(~flag_at);
    ++plan.sign_count;
    return plan;
}

Bytes client_data_json(const CeremonyPlan& plan) {
    std::string json = R"({"type":")" + plan.type + R"(","challenge":")" +
                       to_base64url(plan.challenge) + R"(","origin":")" + plan.origin + '"';
    if (plan.cross_origin) {
        json += std::string(R"(,"crossOrigin":)") + (*plan.cross_origin ? "true" : "false");
    }
    if (plan.top_origin) json += R"(,"topOrigin":")" + *plan.top_origin + '"';
    json += plan.other_members + "}";
    const auto bytes = as_bytes(json);
    return {bytes.begin(), bytes.end()};
}

crypto::Sha256Digest client_data_hash(const CeremonyPlan& plan) {
    return crypto::sha256(client_data_json(plan));
}

Bytes authenticator_data(const CeremonyPlan& plan) {
    ByteWriter out;
    out.put(crypto::sha256(as_bytes(plan.rp_id)));
    out.u8(plan.flags);
    out.u32(plan.sign_count);
    if ((plan.flags & flag_at) != 0) {
        out.put(plan.aaguid);
        out.u16(static_cast<std::uint16_t>(plan.credential_id.size()));
        out.put(plan.credential_id);
        out.put(plan.cose ? *plan.cose : plan.key.cose());
    }
    out.put(plan.after);
    return std::move(out).take();
}

Bytes signed_bytes(const CeremonyPlan& plan) {
    return cbor::joined(authenticator_data(plan), client_data_hash(plan));
}

void Statement::set(std::string_view name, Bytes value) {
    remove(name);
    members.emplace_back(cbor::text(name), std::move(value));
}

void Statement::remove(std::string_view name) {
    std::erase_if(members, [key = cbor::text(name)](const auto& member) {
        return member.first == key;
    });
}

Bytes attestation_object(const CeremonyPlan& plan, const Statement& statement) {
    return cbor::map(
        {{cbor::text("fmt"), cbor::text(statement.format)},
         {cbor::text("attStmt"), cbor::map(statement.members)},
         {cbor::text("authData"), cbor::bytes(authenticator_data(plan))}}
    );
}

}  // namespace sallyport::test
