#pragma once
// A 32-byte key in a file: 64 lower-case hex digits, a newline or not. Nobody but its owner may
// have been able to read it, or it is no key any more.

#include "base/core/result.h"
#include "base/crypto/secret.h"

#include <cstdint>
#include <string>

namespace sallyport::keys {

enum class KeyFileKind : std::uint8_t {
    own,                 // owned by this user, mode 0600 or 0400
    systemd_credential,  // owned by root or this user, nothing for others (systemd may grant by
                         // ACL)
};

// Throws Fault, naming path, mode and what to do: missing, a symbolic link, no regular file, of
// another owner, too open, or not 64 hex digits.
[[nodiscard]] crypto::Secret read_key_file(
    const std::string& path, KeyFileKind kind = KeyFileKind::own
);
// Writes it durably with mode 0600. Throws Fault if the file exists or can't be written.
void create_key_file(const std::string& path, const crypto::Secret& key);

// Whether the file could be used as a key, without reading it, for `config check`. Refuses
// "key_file.unsafe" with the text that the fault would have.
[[nodiscard]] Result<void> check_key_file(
    const std::string& path, KeyFileKind kind = KeyFileKind::own
);

}  // namespace sallyport::keys
