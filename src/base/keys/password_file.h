#pragma once
// A password that this server has to show to another one, in a file that only its user can read.

#include "base/crypto/secret.h"

#include <optional>
#include <string>

namespace sallyport::keys {

inline constexpr std::size_t password_size_max = 256;  // bytes

// The file's one line, without its end. Throws Fault, naming path and remedy: what
// open_private_file refuses, empty, longer, or with a second line or a NUL. `credentials_dir`:
// systemd's, whose files may be root's.
[[nodiscard]] crypto::Secret read_password_file(
    const std::string& path, const std::optional<std::string>& credentials_dir
);

}  // namespace sallyport::keys
