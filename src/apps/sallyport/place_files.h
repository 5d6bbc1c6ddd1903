#pragma once
// The place file, as the server opens it at its start and at SIGHUP.

#include "base/config/settings.h"
#include "domain/policy/place_file.h"
#include "domain/recording/disk.h"

#include <memory>

namespace sallyport::cli {

// The configured one, read whole; null if none is named. Throws CommandFailed naming the file and
// what is wrong with it.
[[nodiscard]] std::shared_ptr<const policy::PlaceFile> configured_place_file(
    recording::Disk& disk, const config::ContextSettings& settings
);

}  // namespace sallyport::cli
