#pragma once
// Questions to the person at the terminal. Secrets are read without echo, or as one line of
// standard input when that is no terminal; never from an argument.

#include "base/crypto/secret.h"

#include <string>
#include <string_view>

namespace sallyport::cli {

// Both throw Fault if the input ends before there is an answer.
[[nodiscard]] std::string ask(std::string_view question);
[[nodiscard]] crypto::Secret ask_secret(std::string_view question);
// Whether a person sits there, rather than a script or a file.
[[nodiscard]] bool is_terminal();

}  // namespace sallyport::cli
