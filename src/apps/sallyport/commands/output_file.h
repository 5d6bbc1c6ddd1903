#pragma once

#include <string>
#include <string_view>

namespace sallyport::cli {

// Writes a new file that only its owner can read. Throws CommandFailed if it exists or the disk
// does not take it; nothing half-written is left.
void write_private_file(const std::string& path, std::string_view content);

}  // namespace sallyport::cli
