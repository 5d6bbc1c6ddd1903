#include "base/core/private_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace sallyport {
namespace {

std::unexpected<Refusal> unsafe(std::string text) {
    return refuse(Refusal::invalid, "private_file.unsafe", std::move(text));
}

std::unexpected<Refusal> not_opened(const std::string& path, int error) {
    if (error == ENOENT) {
        return refuse(
            Refusal::not_found,
            "private_file.absent",
            fmt::format("file {} does not exist; make it or correct the path", path)
        );
    }
    if (error == ELOOP) {
        return unsafe(
            fmt::format("file {} is a symbolic link; configure the path of the file itself", path)
        );
    }
    return unsafe(
        fmt::format("file {} can't be opened: {}", path, std::generic_category().message(error))
    );
}

}  // namespace

FileDescriptor::~FileDescriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

// Opened first and looked at then, so that nobody can put another file in between.
Result<FileDescriptor> open_private_file(const std::string& path, PrivateFileKind kind) {
    FileDescriptor file(
        ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
    );
    if (!file.is_open()) return not_opened(path, errno);
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) return not_opened(path, errno);

    const unsigned mode = status.st_mode & 07777U;
    if (!S_ISREG(status.st_mode)) {
        return unsafe(fmt::format(
            "{} is not a regular file (mode {:04o}); configure the path of one", path, mode
        ));
    }
    const bool from_systemd = kind == PrivateFileKind::systemd_credential;
    if (status.st_uid != ::geteuid() && !(from_systemd && status.st_uid == 0)) {
        return unsafe(fmt::format(
            "file {} (mode {:04o}) belongs to user id {}, but this process runs as user id {}; "
            "chown it to the server's user",
            path,
            mode,
            status.st_uid,
            ::geteuid()
        ));
    }
    const unsigned forbidden = from_systemd ? 07137U : 07177U;
    if ((mode & forbidden) != 0) {
        return unsafe(fmt::format(
            "file {} has mode {:04o}, so that others can read or change it; chmod 0600 it, and "
            "replace the secret in it if others may have read it",
            path,
            mode
        ));
    }
    return file;
}

}  // namespace sallyport
