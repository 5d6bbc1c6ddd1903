#include "apps/sallyport/json_file.h"

#include "apps/sallyport/command.h"

#include <nlohmann/json.hpp>

#include <fstream>

namespace sallyport::cli {

nlohmann::json json_object_file(const std::string& path) {
    std::ifstream file(path);
    auto json = nlohmann::json::parse(file, nullptr, false);
    if (!json.is_object()) throw CommandFailed(path + " is not a JSON object");
    return json;
}

nlohmann::json json_list_file(const std::string& path) {
    std::ifstream file(path);
    auto json = nlohmann::json::parse(file, nullptr, false);
    if (!json.is_array()) throw CommandFailed(path + " is not a JSON array");
    return json;
}

}  // namespace sallyport::cli
