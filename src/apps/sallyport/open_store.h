#pragma once

#include "base/config/settings.h"
#include "base/store/database.h"

#include <memory>

namespace sallyport::cli {

// The configured database, not yet migrated.
[[nodiscard]] std::unique_ptr<store::Database> open_store(const config::Settings& settings);

}  // namespace sallyport::cli
