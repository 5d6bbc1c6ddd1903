#pragma once
// The end of every way of signing in: the session, for a browser or a command line.

#include "base/core/bytes.h"
#include "domain/authn/authentication_proof.h"
#include "edge/api/route.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string_view>

namespace sallyport::api {

// The public half of the key that the browser made for this sign-in (session/sender_key.h); none
// where no script ran. Refuses invalid "sender_key.malformed": ask before the session is opened.
[[nodiscard]] Result<std::optional<Bytes>> sender_key_in(const Input& input);

// Whom the session is for: a program that says `"channel": "cli"`, or a browser.
[[nodiscard]] session::Channel channel_of(const Input& input);

[[nodiscard]] nlohmann::json session_json(const session::Opened& opened, session::Channel channel);

// The answer that hands it over; the flow's cookie ends.
[[nodiscard]] Reply signed_in(
    session::Opened opened, session::Channel channel, std::string_view next
);

// Opens it, ends the one that the browser still held, and answers; or leads to a new passphrase
// where the old one is compromised. Refuses what session::open does.
[[nodiscard]] Result<Reply> open_session(
    store::Tx& tx, const Call& call, authn::AuthenticationProof proof
);
// The same with a sender key that was sent along earlier in the sign-in.
[[nodiscard]] Result<Reply> open_session(
    store::Tx& tx,
    const Call& call,
    authn::AuthenticationProof proof,
    const std::optional<Bytes>& sender_key
);

// A fresh proof for this session, whose token changes: then on to `next`. Refuses what
// session::renew_proof does.
[[nodiscard]] Result<Reply> renew_session(
    store::Tx& tx,
    const Moment& moment,
    const session::Session& session,
    authn::AuthenticationProof proof,
    const audit::Where& where,
    std::string_view next
);
// The same for the session that the call came in.
[[nodiscard]] Result<Reply> renew_session(
    store::Tx& tx, const Call& call, authn::AuthenticationProof proof
);

}  // namespace sallyport::api
