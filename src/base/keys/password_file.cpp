#include "base/keys/password_file.h"

#include "base/core/bytes.h"
#include "base/core/fault.h"
#include "base/core/private_file.h"
#include "base/core/system_error_text.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace sallyport::keys {

namespace {

using crypto::Secret;

// As a Secret all the way; what the file has beyond `room` bytes is not read.
Secret read_up_to(int descriptor, const std::string& path, std::size_t room, std::size_t& size) {
    return Secret::make(room, [&](std::span<std::byte> out) {
        size = 0;
        while (size < out.size()) {
            const ssize_t got = ::read(descriptor, out.data() + size, out.size() - size);
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) {
                throw Fault(
                    "password file " + path + " can't be read: " + system_error_text(errno)
                );
            }
            if (got == 0) return;
            size += static_cast<std::size_t>(got);
        }
    });
}

}  // namespace

Secret read_password_file(
    const std::string& path, const std::optional<std::string>& credentials_dir
) {
    const bool credential = credentials_dir && path.starts_with(*credentials_dir + "/");
    const auto file = open_private_file(
        path, credential ? PrivateFileKind::systemd_credential : PrivateFileKind::own
    );
    if (!file) throw Fault("password " + file.error().detail);
    std::size_t size = 0;
    const auto read = read_up_to(file->get(), path, password_size_max + 3, size);
    auto line = as_text(read.expose()).substr(0, size);
    if (line.ends_with('\n')) line.remove_suffix(1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const bool one_line = !line.contains('\n') && !line.contains('\r') && !line.contains('\0');
    if (line.empty() || line.size() > password_size_max || !one_line) {
        throw Fault("password file " + path + " must hold one line of 1 to 256 bytes");
    }
    return Secret::make(line.size(), [&](std::span<std::byte> out) {
        std::ranges::copy(as_bytes(line), out.begin());
    });
}

}  // namespace sallyport::keys
