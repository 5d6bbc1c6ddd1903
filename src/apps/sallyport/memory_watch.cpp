#include "apps/sallyport/memory_watch.h"

#include <fmt/format.h>

#include <utility>

namespace sallyport::cli {

std::optional<std::string> MemoryWatch::look(const crypto::LockedMemory& held) {
    if (held.unlocked_bytes == 0 || std::exchange(told_, true)) return std::nullopt;
    return fmt::format(
        "{} bytes of memory for secrets could not be locked, so that they may be swapped to disk; "
        "{} bytes are locked. Allow more: LimitMEMLOCK=64M in the systemd unit, ulimit -l in a "
        "shell, or turn the swap off",
        held.unlocked_bytes,
        held.locked_bytes
    );
}

}  // namespace sallyport::cli
