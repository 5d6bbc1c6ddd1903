#include "apps/sallyport/place_files.h"

#include "apps/sallyport/command.h"

#include <fmt/format.h>

#include <utility>

namespace sallyport::cli {

std::shared_ptr<const policy::PlaceFile> configured_place_file(
    recording::Disk& disk, const config::ContextSettings& settings
) {
    if (settings.place_file.empty()) return nullptr;
    const auto bytes = recording::read_file(disk, settings.place_file, policy::place_file_size_max);
    auto file = policy::PlaceFile::open(bytes);
    if (!file) {
        throw CommandFailed(fmt::format(
            "context.place_file: {} is no place file in MaxMind's format, or is damaged ({}); "
            "fetch it again, or take the setting away",
            settings.place_file,
            file.error().reason
        ));
    }
    return std::make_shared<const policy::PlaceFile>(*std::move(file));
}

}  // namespace sallyport::cli
