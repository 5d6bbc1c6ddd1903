#pragma once
// New recovery codes, which somebody else has to agree to (S1-39): the terminal's side of what the
// pages Your security and Recovery offer.

#include <CLI/CLI.hpp>

namespace sallyport::cli {

// extra-codes ask, make, list, approve, refuse; below `user`.
void add_extra_codes_commands(CLI::App& user);

}  // namespace sallyport::cli
