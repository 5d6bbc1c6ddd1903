#include "examples/pump/byte_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>

namespace pump {

ByteLog::ByteLog(const std::string& path) {
    if (path.empty()) return;
    file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file_ < 0) throw std::system_error(errno, std::generic_category(), path);
}

ByteLog::~ByteLog() {
    if (file_ >= 0) ::close(file_);
}

void ByteLog::received(
    std::string_view listener, std::uint64_t connection, std::string_view bytes
) {
    if (file_ < 0) return;
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now().time_since_epoch()
    );
    std::string frame = std::to_string(now.count()) + ' ' + std::string(listener) + ' ' +
                        std::to_string(connection) + ' ' + std::to_string(bytes.size()) + '\n';
    frame += bytes;
    frame += '\n';
    // O_APPEND and one call: pieces of several connections never mix.
    const auto written = ::write(file_, frame.data(), frame.size());
    if (written != static_cast<ssize_t>(frame.size())) {
        throw std::system_error(errno, std::generic_category(), "byte log");
    }
}

}  // namespace pump
