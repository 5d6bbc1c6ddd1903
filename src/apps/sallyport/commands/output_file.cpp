#include "apps/sallyport/commands/output_file.h"

#include "apps/sallyport/command.h"

#include "base/core/system_error_text.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

namespace sallyport::cli {

namespace {

// Not every file system can rename without overwriting; then the look before has to do.
bool rename_to_free_name(const char* from, const char* to) {
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return true;
    if (errno != EINVAL && errno != ENOSYS) return false;
    if (access(to, F_OK) == 0) {
        errno = EEXIST;
        return false;
    }
    return rename(from, to) == 0;
}

}  // namespace

OutputFile::OutputFile(std::string path) : path_(std::move(path)), part_(path_ + ".part") {
    constexpr mode_t private_mode = 0600;
    if (access(path_.c_str(), F_OK) == 0) {
        throw CommandFailed(path_ + " exists; nothing is overwritten, give another file");
    }
    file_ = open(part_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, private_mode);
    if (file_ >= 0) return;
    if (errno == EEXIST) {
        throw CommandFailed(
            part_ + " is there: another command writes it, or was killed; remove it in that case"
        );
    }
    throw CommandFailed(fmt::format("{}: {}; give another file", part_, system_error_text(errno)));
}

OutputFile::~OutputFile() {
    if (file_ < 0) return;
    close(file_);
    unlink(part_.c_str());
}

void OutputFile::write(std::string_view piece) {
    while (!piece.empty()) {
        const auto count = ::write(file_, piece.data(), piece.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) fail(errno);
        piece.remove_prefix(static_cast<std::size_t>(count));
    }
}

void OutputFile::finish() {
    if (fsync(file_) != 0) fail(errno);
    if (!rename_to_free_name(part_.c_str(), path_.c_str())) fail(errno);
    close(std::exchange(file_, -1));
}

void write_private_file(const std::string& path, std::string_view content) {
    unlink((path + ".part").c_str());
    OutputFile file(path);
    file.write(content);
    file.finish();
}

void OutputFile::fail(int error) const {
    throw CommandFailed(fmt::format("{}: {}; nothing is kept", path_, system_error_text(error)));
}

}  // namespace sallyport::cli
