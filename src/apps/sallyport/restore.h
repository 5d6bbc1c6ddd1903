#pragma once
// `sallyport restore`: takes a backup into use and holds it against the anchors before anybody may
// use it. For SQLite it is the folder that `sallyport backup` made, put where there is no database;
// on PostgreSQL the database as its own tools have put it back.

#include "apps/sallyport/command.h"

#include <string>

namespace sallyport::cli {

struct RestoreOptions {
    std::string config_file;
    std::string backup;        // the folder that `sallyport backup` made; empty on PostgreSQL
    bool accept_loss = false;  // the anchors know of events that the backup does not hold
    std::string reason;        // goes into the audit log
};

// Everybody is signed out: what had ended since the backup would be open again. Throws
// CommandFailed: the server runs, a database is there, the backup does not open, or the log in it
// is not what the anchors say.
void restore(const RestoreOptions& options, const World& world);

}  // namespace sallyport::cli
