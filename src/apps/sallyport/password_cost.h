#pragma once

#include "base/config/settings.h"
#include "base/crypto/password_hash.h"

#include <string>

namespace sallyport::cli {

// What hashing a passphrase costs here: as configured, else as measured at the first start and kept
// in the data folder, so that a busy restart does not lower it.
[[nodiscard]] crypto::PasswordCost password_cost(
    const config::PasswordSettings& settings, const std::string& data_folder
);

}  // namespace sallyport::cli
