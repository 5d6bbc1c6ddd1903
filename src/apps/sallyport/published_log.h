#pragma once
// What was published of the log, here and in the anchor folder, as commands on a stopped server
// look at it: a database is held against it, and it is put aside when another history takes its
// place.

#include "base/config/settings.h"
#include "base/core/time.h"
#include "base/store/database.h"
#include "domain/audit/log_files.h"
#include "domain/audit/restored_log.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sallyport::cli {

class PublishedLog {
public:
    // Throws CommandFailed if the log's keys are not linked to the configured one, or something
    // that says it is a checkpoint is not signed by them.
    explicit PublishedLog(const config::Settings& settings);

    // Throws CommandFailed if the database's log is not whole, or another one than this.
    [[nodiscard]] audit::RestoredLog require_in(store::Database& database) const;

    // Nothing excludes an old state where no anchor does.
    [[nodiscard]] bool anchored() const noexcept { return anchored_; }

    [[nodiscard]] bool anchors_missing() const noexcept {
        return !anchor_folder_.empty() && !anchored_;
    }

    // Everything that the two folders hold goes into a folder "lost.<time>" within each: evidence.
    void put_aside(Time now) const;

private:
    std::string folder_;
    std::string anchor_folder_;
    std::unique_ptr<audit::LogFiles> files_;
    std::vector<audit::PublishedCheckpoint> known_;  // of both
    std::uint64_t size_ = 0;                         // the log's own checkpoint's
    bool anchored_ = false;
};

}  // namespace sallyport::cli
