#pragma once
// A JSON document that somebody names on the command line.

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace sallyport::cli {

// Throw CommandFailed, naming the file, if it can't be read or holds something else.
[[nodiscard]] nlohmann::json json_object_file(const std::string& path);
[[nodiscard]] nlohmann::json json_list_file(const std::string& path);

}  // namespace sallyport::cli
