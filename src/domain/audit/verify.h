#pragma once
// Is the log what it was? Everything is recomputed from the bytes of the entries: leaf hashes,
// every tile, the root under every signed checkpoint and anchor. With a database, its rows are
// compared with the log. Needs no server, no network and no secret; memory stays bounded.

#include "base/store/database.h"
#include "domain/audit/log_files.h"
#include "domain/audit/note.h"
#include "domain/audit/verify_report.h"

#include <optional>
#include <string>
#include <vector>

namespace sallyport::audit {

struct VerifyInputs {
    const LogFiles* log = nullptr;          // the log's folder; required
    const LogFiles* anchors = nullptr;      // a folder of checkpoints kept elsewhere
    std::vector<std::string> anchor_notes;  // or their texts, e.g. one from a letter or a printout
    std::optional<VerifierKey> trusted;     // else the one that the log's folder names
    store::Database* database = nullptr;
    unsigned threads = 2;
};

// Everything that is wrong with the log is a finding. Throws Fault only if files or database can't
// be read at all.
[[nodiscard]] VerifyReport verify(const VerifyInputs& inputs);

}  // namespace sallyport::audit
