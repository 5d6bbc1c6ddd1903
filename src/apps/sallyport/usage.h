#pragma once
// A command line that was not understood, in words: which part of it, what was probably meant, and
// where to read on.

#include <CLI/CLI.hpp>

#include <string>

namespace sallyport::cli {

// Several lines for standard error, without a newline at the end. For errors of parsing, not for
// --help.
[[nodiscard]] std::string explain_usage(
    const CLI::App& app, int argc, const char* const* argv, const CLI::ParseError& error
);

}  // namespace sallyport::cli
