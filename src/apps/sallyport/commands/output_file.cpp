#include "apps/sallyport/commands/output_file.h"

#include "apps/sallyport/command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace sallyport::cli {

void write_private_file(const std::string& path, std::string_view content) {
    constexpr mode_t private_mode = 0600;
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, private_mode);
    if (file < 0) {
        throw CommandFailed(fmt::format("{}: {}; give another file", path, std::strerror(errno)));
    }
    std::string_view rest = content;
    bool written = true;
    while (!rest.empty() && written) {
        const auto count = write(file, rest.data(), rest.size());
        if (count < 0 && errno == EINTR) continue;
        written = count > 0;
        if (written) rest.remove_prefix(static_cast<std::size_t>(count));
    }
    const int error = errno;
    written = written && fsync(file) == 0;
    if (close(file) != 0 || !written) {
        unlink(path.c_str());
        throw CommandFailed(fmt::format("{}: {}; nothing was written", path, std::strerror(error)));
    }
}

}  // namespace sallyport::cli
