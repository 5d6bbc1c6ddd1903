#pragma once
// Is the log in a restored database the one that was published? Its tree is rebuilt from the rows,
// and held against every checkpoint that was signed: a count alone would take a fork of the same
// length for the same log.

#include "base/core/result.h"
#include "base/store/database.h"
#include "domain/audit/checkpoint.h"
#include "domain/audit/key_chain.h"
#include "domain/audit/log_files.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sallyport::audit {

// What somebody signed, and where it lies ("/mnt/anchors/checkpoint").
struct PublishedCheckpoint {
    std::string source;
    Checkpoint checkpoint;
};

// The checkpoints of a folder: its "checkpoint" and every "*.checkpoint". Refuses
// "checkpoint.forged" with the file in `detail` if one is not signed by a key of the chain.
[[nodiscard]] Result<std::vector<PublishedCheckpoint>> published_checkpoints(
    const LogFiles& folder, const std::string& path, const KeyChain& chain
);

struct RestoredLog {
    std::uint64_t size = 0;   // numbered events in the database
    std::uint64_t known = 0;  // events that were published
    // Checkpoints over more events than there are, for which no published tile shows any more that
    // these events are their beginning.
    std::vector<std::string> unproven;
};

// `published`, the log's own folder, gives the tiles of a tree of `published_size` (its
// checkpoint's; 0: it has none). They link a database which ends early with the checkpoints behind
// its end, and need not be trusted. Refuses conflict: "restored_log.broken": the rows have a gap,
// or are not what the database's own head says; "restored_log.fork": a checkpoint has another root
// than these events. `detail` says which.
[[nodiscard]] Result<RestoredLog> check_restored_log(
    store::Database& database,
    const std::vector<PublishedCheckpoint>& checkpoints,
    const LogFiles& published,
    std::uint64_t published_size
);

}  // namespace sallyport::audit
