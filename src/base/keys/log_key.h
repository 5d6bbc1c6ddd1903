#pragma once
// The Ed25519 key that signs the audit log's checkpoints, in a file of its own (key_file.h), so
// that it can be moved to another machine or replaced without touching the master key.

#include "base/crypto/crypto.h"

#include <string>

namespace sallyport::keys {

// A missing, too open or malformed file is a fault naming path, mode and remedy.
[[nodiscard]] crypto::SigningKey load_log_key(const std::string& log_key_path);
// Makes a new one, exclusively, 0600. A fault if it exists.
void create_log_key(const std::string& log_key_path);

}  // namespace sallyport::keys
