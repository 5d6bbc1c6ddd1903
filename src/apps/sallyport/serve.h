#pragma once
// `sallyport serve`: builds every part, hands each what it needs, and takes them down in order.

#include "apps/sallyport/command.h"

#include <string>

namespace sallyport::cli {

// Runs until SIGTERM or SIGINT; SIGHUP reloads certificates. Throws what keeps it from starting.
void serve(const std::string& config_file, World world);

}  // namespace sallyport::cli
