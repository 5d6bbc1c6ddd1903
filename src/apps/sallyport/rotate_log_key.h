#pragma once
// `sallyport audit rotate-key`: the log gets a new signing key. The old key signs the new one, so
// whoever trusts either can verify all of the log.

#include "apps/sallyport/command.h"

#include <string>

namespace sallyport::cli {

struct LogKeyRotation {
    std::string config_file;
    std::string reason;
};

// Numbers and publishes what there is, key.rotated included, under the old key; links the new one
// to it; and puts its file in the old one's place, which stays beside it under another name.
// Wherever this is cut off, the log opens with the key that is configured, or the server says that
// its key is retired and the same command goes on. Throws CommandFailed: the server runs, or the
// log does not hold.
void rotate_log_key(const LogKeyRotation& given, const World& world);

}  // namespace sallyport::cli
