#include "apps/sallyport/data_folder.h"

#include "apps/sallyport/command.h"

#include "base/core/system_error_text.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace sallyport::cli {

DataFolder::DataFolder(const std::string& path) : lock_(-1) {
    struct stat status{};
    if (stat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
        throw CommandFailed(
            fmt::format("data folder {} is not there; make it with: sallyport init", path)
        );
    }
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        throw CommandFailed(
            fmt::format("data folder {} is open to others; close it with: chmod 700 {}", path, path)
        );
    }
    const auto file = path + "/lock";
    constexpr mode_t private_mode = 0600;
    lock_ = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, private_mode);
    if (lock_ < 0) throw CommandFailed(fmt::format("{}: {}", file, system_error_text(errno)));
    if (flock(lock_, LOCK_EX | LOCK_NB) != 0) {
        close(lock_);
        throw CommandFailed(
            fmt::format("data folder {} is in use by another sallyport; stop that one first", path)
        );
    }
}

DataFolder::~DataFolder() {
    close(lock_);
}

}  // namespace sallyport::cli
