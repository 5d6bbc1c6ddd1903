#pragma once
// A 32-byte key in a file: 64 lower-case hex digits, a newline or not. Nobody but its owner may
// have been able to read it, or it is no key any more.

#include "base/crypto/secret.h"

#include <string>

namespace sallyport::keys {

// Throws Fault, naming path, mode and what to do: missing, a symbolic link, no regular file, of
// another owner, too open, or not 64 hex digits. A file in $CREDENTIALS_DIRECTORY may be root's.
[[nodiscard]] crypto::Secret read_key_file(const std::string& path);
// Writes it durably with mode 0600. Throws Fault if the file exists or can't be written.
void create_key_file(const std::string& path, const crypto::Secret& key);
// The file `next` takes the place of `path`, which stays as `kept` beside it. A power cut leaves
// one of the two keys under `path`, whole; then the call can be made again. Throws Fault if `kept`
// holds another key already.
void replace_key_file(const std::string& path, const std::string& next, const std::string& kept);

}  // namespace sallyport::keys
