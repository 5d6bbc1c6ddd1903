#pragma once
// The breach list's file, as the server and the commands open it.

#include "base/config/settings.h"
#include "domain/authn/breach_list.h"
#include "domain/recording/disk.h"

#include <memory>
#include <string>
#include <vector>

namespace sallyport::cli {

// Read whole and verified. Throws CommandFailed naming the file, what is wrong with it and the
// remedy.
[[nodiscard]] std::shared_ptr<const authn::BreachList> open_breach_list(
    recording::Disk& disk, const std::string& path
);

// The configured one; null if none is there and none is named by the configuration.
[[nodiscard]] std::shared_ptr<const authn::BreachList> configured_breach_list(
    recording::Disk& disk, const config::PassphraseSettings& settings
);

// What no passphrase may be little more than: the configured words, and those in our host names.
[[nodiscard]] std::vector<std::string> context_words(const config::Settings& settings);

}  // namespace sallyport::cli
