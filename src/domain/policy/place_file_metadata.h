#pragma once
// What a place file says of its own size (MaxMind DB 2.0, "Database Metadata"), held against what
// it has: libmaxminddb multiplies the two numbers in 32 bits, and reads wherever that leads.

#include "base/core/bytes.h"
#include "base/core/result.h"

namespace sallyport::policy {

// Pure. Whether the search tree that the description speaks of lies before the description. Refuses
// invalid "place_file.malformed": it does not, or the two numbers are not there once each.
[[nodiscard]] Result<void> check_tree_size(BytesView file);

}  // namespace sallyport::policy
