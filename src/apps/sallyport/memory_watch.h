#pragma once
// Tells the operator, once, that secrets lie in memory which may reach the swap: the system did not
// let all of it be locked (crypto/locked_memory.h). Not in `config check`, which runs under the
// limits of whoever types it and not under the server's.

#include "base/crypto/locked_memory.h"

#include <optional>
#include <string>

namespace sallyport::cli {

class MemoryWatch {
public:
    // What to warn of; nothing if all is locked, or it was told before.
    [[nodiscard]] std::optional<std::string> look(const crypto::LockedMemory& held);

private:
    bool told_ = false;
};

}  // namespace sallyport::cli
