#pragma once
// Files that only their owner may have been able to read: keys, tokens, passwords.

#include "base/core/result.h"

#include <cstdint>
#include <string>
#include <utility>

namespace sallyport {

// An open file; closes it.
class FileDescriptor {
public:
    explicit FileDescriptor(int descriptor) noexcept : descriptor_(descriptor) {}

    FileDescriptor(FileDescriptor&& other) noexcept
        : descriptor_(std::exchange(other.descriptor_, -1)) {}

    FileDescriptor& operator=(FileDescriptor&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }

    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    ~FileDescriptor();

    [[nodiscard]] int get() const noexcept { return descriptor_; }

    [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }

private:
    int descriptor_;
};

enum class PrivateFileKind : std::uint8_t {
    own,                 // owned by this user, mode 0600 or 0400
    systemd_credential,  // owned by root or this user, nothing for others (systemd may grant by
                         // ACL)
};

// Opens it for reading. Refuses "private_file.absent", and "private_file.unsafe" if it is a
// symbolic link, no regular file, of another owner or too open. The detail names path, mode and
// remedy.
[[nodiscard]] Result<FileDescriptor> open_private_file(
    const std::string& path, PrivateFileKind kind = PrivateFileKind::own
);

}  // namespace sallyport
