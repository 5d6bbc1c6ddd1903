#pragma once
// The key that a browser made for its sign-in and can't give away (base/crypto/browser_key.h). What
// opens a device is signed with it, so that a session's cookie alone, copied elsewhere, opens none
// (docs/adr/0012-sender-key.md). A session has it from its first moment or never.

#include "base/core/bytes.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/session/session.h"

#include <cstddef>
#include <optional>
#include <string_view>

namespace sallyport::session {

inline constexpr std::size_t sender_key_text_size = 122;  // base64url of crypto::browser_key_size

// The SubjectPublicKeyInfo that a page sends along with what ends a sign-in. Refuses invalid
// "sender_key.malformed".
[[nodiscard]] Result<Bytes> parse_sender_key(std::string_view text);

// In the transaction that opens the session; a fault at any later moment, or a second time. A
// session that isn't a browser's gets none: it opens no device.
void bind_sender_key(store::Tx& tx, const Moment& moment, const Opened& opened, const Bytes& spki);

[[nodiscard]] std::optional<Bytes> sender_key_of(store::Tx& tx, const SessionId& session);

// What goes on in the same browser goes on with its key (unlock.h). At another workstation it has
// none: the key stays where it was made.
void carry_sender_key_over(store::Tx& tx, const SessionId& from, const SessionId& to);

}  // namespace sallyport::session
