#pragma once
// `sallyport posture import`: what a device management exported about workstations, taken into the
// store beside a running server.

#include "apps/sallyport/command.h"

#include <string>

namespace sallyport::cli {

struct PostureImportCommand {
    std::string config_file;
    std::string source_file;
    std::string reason;
    bool as_json = false;
};

// Throws CommandFailed naming the line that makes no sense; then nothing was taken.
void import_posture_file(const PostureImportCommand& given, const World& world);

}  // namespace sallyport::cli
