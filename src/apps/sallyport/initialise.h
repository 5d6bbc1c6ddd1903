#pragma once
// `sallyport init`: a folder with everything that a server needs, and nothing that lets anybody
// in. Keys are made where the database is not.

#include "base/core/random.h"
#include "base/core/time.h"

#include <cstdint>
#include <string>

namespace sallyport::cli {

struct InitOptions {
    std::string folder;
    std::string sign_in_host;
    std::string device_suffix;
    std::uint16_t port = 443;
    std::string data_folder = "data";       // relative ones lie in `folder`
    std::string anchor_folder = "anchors";  // best on another machine
    bool demo = false;  // self-signed certificates, loopback only, one domain for all hosts
};

// Writes configuration, master key, log key and, for the demo, certificates. Throws Fault if the
// folder holds a configuration already, or belongs to another user than this process's: the server
// could not read its keys. Nothing existing is overwritten.
void initialise(const InitOptions& options, const Clock& clock);

}  // namespace sallyport::cli
