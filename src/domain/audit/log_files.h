#pragma once
// The log's folder on disk, behind a seam small enough for a test to fail it at every step. Paths
// are relative to the folder, with '/' between their parts.

#include "base/core/bytes.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sallyport::audit {

struct LogFile {
    std::string path;
    Bytes content;
};

class LogFiles {
public:
    LogFiles() = default;
    virtual ~LogFiles() = default;
    LogFiles(const LogFiles&) = delete;
    LogFiles& operator=(const LogFiles&) = delete;
    LogFiles(LogFiles&&) = delete;
    LogFiles& operator=(LogFiles&&) = delete;

    // Each file is afterwards there whole, or as it was before: written under another name,
    // fsynced, renamed, and its folder fsynced. Folders are made. Throws Fault naming the path.
    virtual void write(std::span<const LogFile> files) = 0;
    // Nothing if there is none. Throws Fault if it can't be read or is larger than 64 MiB.
    [[nodiscard]] virtual std::optional<Bytes> read(const std::string& path) const = 0;
    // The plain files of a folder, sorted; none if there is no such folder.
    [[nodiscard]] virtual std::vector<std::string> names(const std::string& folder) const = 0;
    // A file, or an empty folder. What is not there, or not empty, stays so.
    virtual void remove(const std::string& path) = 0;
};

// Makes the folder (0750) if it is missing. Reading is thread-safe.
[[nodiscard]] std::unique_ptr<LogFiles> open_log_folder(const std::string& path);
// The same for looking only: write() and remove() are faults, and nothing is made.
[[nodiscard]] std::unique_ptr<LogFiles> view_log_folder(const std::string& path);

}  // namespace sallyport::audit
