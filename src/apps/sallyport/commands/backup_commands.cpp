#include "apps/sallyport/command.h"

#include <CLI/CLI.hpp>

namespace sallyport::cli {

void add_backup_commands(CLI::App& /*app*/, World /*world*/) {}

}  // namespace sallyport::cli
