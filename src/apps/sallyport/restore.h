#pragma once
// `sallyport restore`: puts a backup back where there is no database, and holds it against the
// anchors before anybody may use it.

#include "apps/sallyport/command.h"

#include <string>

namespace sallyport::cli {

struct RestoreOptions {
    std::string config_file;
    std::string backup;        // the folder that `sallyport backup` made
    bool accept_loss = false;  // the anchors know of events that the backup does not hold
    std::string reason;        // why that is accepted; goes into the audit log
};

// Throws CommandFailed: the server runs, a database is there, the backup does not open, or the log
// in it is not what the anchors say.
void restore(const RestoreOptions& options, const World& world);

}  // namespace sallyport::cli
