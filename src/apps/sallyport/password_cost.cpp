#include "apps/sallyport/password_cost.h"

#include "apps/sallyport/commands/output_file.h"

#include "base/core/log.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>

namespace sallyport::cli {

crypto::PasswordCost password_cost(
    const config::PasswordSettings& settings, const std::string& data_folder
) {
    if (settings.cost) return *settings.cost;
    const auto file = data_folder + "/password-cost.json";
    std::ifstream kept(file);
    const auto json = nlohmann::json::parse(kept, nullptr, false);
    const crypto::PasswordCost floor;
    if (json.is_object() && json.contains("memory_bytes") && json.contains("passes")) {
        // Never below the floor, whatever the file says.
        return {
            .memory_bytes =
                std::max(json.value("memory_bytes", floor.memory_bytes), floor.memory_bytes),
            .passes = std::max(json.value("passes", floor.passes), floor.passes),
        };
    }
    const auto cost = crypto::tune_password_cost();
    const nlohmann::json measured{{"memory_bytes", cost.memory_bytes}, {"passes", cost.passes}};
    write_private_file(file, measured.dump() + "\n");
    log::info(
        "measured what a passphrase hash costs here",
        {{"memory_bytes", static_cast<std::int64_t>(cost.memory_bytes)},
         {"passes", static_cast<std::int64_t>(cost.passes)}}
    );
    return cost;
}

}  // namespace sallyport::cli
