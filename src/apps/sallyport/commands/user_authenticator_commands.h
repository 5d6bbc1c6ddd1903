#pragma once

#include <CLI/CLI.hpp>

namespace sallyport::cli {

// user authenticator: what an administrator does with somebody else's.
void add_user_authenticator_commands(CLI::App& user);

}  // namespace sallyport::cli
