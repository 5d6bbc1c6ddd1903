#pragma once
// Questions to the person at the terminal. Secrets are read without echo, or as one line of
// standard input when that is no terminal; never from an argument.

#include "base/crypto/secret.h"

#include <string>
#include <string_view>

namespace sallyport::cli {

[[nodiscard]] std::string ask(std::string_view question);
[[nodiscard]] crypto::Secret ask_secret(std::string_view question);
// Only "yes" is yes.
[[nodiscard]] bool confirm(std::string_view question);

}  // namespace sallyport::cli
