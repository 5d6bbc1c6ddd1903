#pragma once
// What commands on the host ask for alike.

#include <CLI/CLI.hpp>

#include <string>

namespace sallyport::cli {

// --config of a command that works on the server's files.
inline void add_config(CLI::App& command, std::string& file) {
    command.add_option("--config,-c", file, "The configuration file")
        ->required()
        ->check(CLI::ExistingFile);
}

// --reason of a command that works on the host alone: always asked for, and never empty.
inline void add_reason(CLI::App& command, std::string& reason) {
    command.add_option("--reason", reason, "Why, or what had happened; goes into the audit log")
        ->required()
        ->check([](const std::string& text) {
            const bool blank = text.find_first_not_of(" \t") == std::string::npos;
            return blank ? std::string("says nothing") : std::string();
        });
}

}  // namespace sallyport::cli
