#pragma once

#include <string>
#include <utility>
#include <vector>

namespace sallyport::store::postgres {

// The settings in a libpq conninfo text or URL, with ours for what it leaves open: a time limit
// for connecting and for a peer that fell silent, UTF-8, a server that takes writes.
//
// Throws a Fault if it can't be read or if it, or PGPASSWORD in the environment, holds a password,
// naming the setting and never its value: a password comes from a passfile (S0-17).
[[nodiscard]] std::vector<std::pair<std::string, std::string>> connection_settings(
    const std::string& conninfo
);

}  // namespace sallyport::store::postgres
