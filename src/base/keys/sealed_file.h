#pragma once
// Files sealed under a purpose's key, in chunks, so that they need no memory of their size and a
// cut, changed, swapped or repeated chunk does not open. Format: docs/protocols/sealed-file.md.

#include "base/keys/key_ring.h"

#include <string>

namespace sallyport::keys {

// Writes `to` (new, 0600, fsynced) from `from`. Throws Fault naming the file.
void seal_file(
    const KeyRing& keys, Purpose purpose, const std::string& from, const std::string& to
);
// The other way round. `to` is there whole, or not at all: a Fault removes what was written. Says
// plainly when the key is another one or the file was changed.
void unseal_file(
    const KeyRing& keys, Purpose purpose, const std::string& from, const std::string& to
);

}  // namespace sallyport::keys
