#include "domain/authn/webauthn_challenge.h"

#include "base/crypto/crypto.h"

#include <array>

namespace sallyport::authn {

using store::value;

namespace {

constexpr std::size_t nonce_size = 16;
constexpr std::size_t time_size = 8;
constexpr std::size_t mac_size = 24;
constexpr std::size_t challenge_size = nonce_size + time_size + mac_size;

// Nonce and time, and what they are good for; each part of known size, the holder last.
Bytes mac_of(
    const keys::KeyRing& keys, ChallengePurpose purpose, BytesView holder, BytesView head
) {
    ByteWriter message;
    message.u8(static_cast<std::uint8_t>(purpose));
    message.put(head);
    message.put(holder);
    auto mac = keys.mac(keys::Purpose::webauthn_challenge, message.bytes());
    mac.resize(mac_size);
    return mac;
}

Duration life_of(ChallengePurpose purpose) {
    if (purpose == ChallengePurpose::badge_tap) return tap_challenge_life;
    return challenge_life;
}

Bytes digest_of(BytesView challenge) {
    const auto digest = crypto::sha256(challenge);
    return {digest.begin(), digest.end()};
}

}  // namespace

Bytes make_challenge(
    const keys::KeyRing& keys, const Moment& moment, ChallengePurpose purpose, BytesView holder
) {
    std::array<std::byte, nonce_size> nonce{};
    moment.random.fill(nonce);
    ByteWriter challenge;
    challenge.put(nonce);
    challenge.u64(static_cast<std::uint64_t>(to_micros(moment.now)));
    const auto mac = mac_of(keys, purpose, holder, challenge.bytes());
    challenge.put(mac);
    return std::move(challenge).take();
}

Result<void> spend_challenge(
    store::Tx& tx,
    const keys::KeyRing& keys,
    const Moment& moment,
    ChallengePurpose purpose,
    BytesView holder,
    BytesView challenge
) {
    if (challenge.size() != challenge_size) {
        return refuse(Refusal::unauthenticated, "webauthn.challenge");
    }
    const auto head = challenge.first(nonce_size + time_size);
    const auto mac = mac_of(keys, purpose, holder, head);
    if (!crypto::constant_time_equal(mac, challenge.subspan(head.size()))) {
        return refuse(Refusal::unauthenticated, "webauthn.challenge");
    }
    ByteReader in(head.subspan(nonce_size));
    const auto made_at = from_micros(static_cast<std::int64_t>(in.u64().value()));
    // From a time to come: the clock was set back, and how old it is can't be told.
    const auto ends_at = made_at + life_of(purpose);
    if (moment.now < made_at || moment.now >= ends_at) {
        return refuse(Refusal::unauthenticated, "webauthn.challenge_over");
    }
    const auto fresh = tx.execute(
        "INSERT INTO webauthn_challenge_spent (digest, ends_at) VALUES (?, ?) "
        "ON CONFLICT (digest) DO NOTHING",
        {digest_of(challenge), value(ends_at)}
    );
    if (fresh != 1) return refuse(Refusal::unauthenticated, "webauthn.challenge_spent");
    return {};
}

void sweep_challenges(store::Tx& tx, const Moment& moment) {
    tx.execute("DELETE FROM webauthn_challenge_spent WHERE ends_at <= ?", {value(moment.now)});
}

}  // namespace sallyport::authn
