#include "base/keys/key_file.h"

#include "base/core/bytes.h"
#include "base/core/fault.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace sallyport::keys {
namespace {

constexpr std::size_t key_size = 32;
constexpr std::size_t digits = 2 * key_size;

class File {
public:
    explicit File(int descriptor) : descriptor_(descriptor) {}

    File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

    File& operator=(File&&) = delete;
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    ~File() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }

    [[nodiscard]] int get() const noexcept { return descriptor_; }

private:
    int descriptor_;
};

std::string error_text(int error) {
    return std::generic_category().message(error);
}

std::unexpected<Refusal> unsafe(std::string text) {
    return refuse(Refusal::invalid, "key_file.unsafe", std::move(text));
}

// Opened first and looked at then, so that nobody can put another file in between.
Result<File> open_safely(const std::string& path, KeyFileKind kind) {
    File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
    if (file.get() < 0 && errno == ELOOP) {
        return unsafe(fmt::format(
            "key file {} is a symbolic link; configure the path of the file itself", path
        ));
    }
    if (file.get() < 0 && errno == ENOENT) {
        return unsafe(fmt::format(
            "key file {} does not exist; `sallyport init` makes one, or restore it from your "
            "backup "
            "of the keys",
            path
        ));
    }
    if (file.get() < 0) {
        return unsafe(fmt::format("key file {} can't be opened: {}", path, error_text(errno)));
    }

    struct stat status{};
    if (::fstat(file.get(), &status) != 0) {
        return unsafe(fmt::format("key file {} can't be examined: {}", path, error_text(errno)));
    }
    const unsigned mode = status.st_mode & 07777U;
    if (!S_ISREG(status.st_mode)) {
        return unsafe(fmt::format(
            "key file {} is not a regular file (mode {:04o}); configure the path of one", path, mode
        ));
    }
    const bool from_systemd = kind == KeyFileKind::systemd_credential;
    if (status.st_uid != ::geteuid() && !(from_systemd && status.st_uid == 0)) {
        return unsafe(fmt::format(
            "key file {} (mode {:04o}) belongs to user id {}, but the server runs as user id {}; "
            "chown it to the server's user",
            path,
            mode,
            status.st_uid,
            ::geteuid()
        ));
    }
    const unsigned forbidden = from_systemd ? 0027U : 07177U;
    if ((mode & forbidden) != 0) {
        return unsafe(fmt::format(
            "key file {} has mode {:04o}: others can read or change it; chmod 0600 it, and replace "
            "the key if others may have read it",
            path,
            mode
        ));
    }
    return file;
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

// As a Secret all the way: the digits are as secret as what they spell.
crypto::Secret read_digits(int descriptor, const std::string& path, std::size_t& size) {
    return crypto::Secret::make(digits + 2, [&](std::span<std::byte> out) {
        size = 0;
        while (size < out.size()) {
            const ssize_t got = ::read(descriptor, out.data() + size, out.size() - size);
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) {
                throw Fault(fmt::format("key file {} can't be read: {}", path, error_text(errno)));
            }
            if (got == 0) return;
            size += static_cast<std::size_t>(got);
        }
    });
}

void write_all(int descriptor, std::string_view path, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) {
            throw Fault(fmt::format("key file {} can't be written: {}", path, error_text(errno)));
        }
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

// The name must survive a power cut too: a database sealed under a lost key is lost.
void sync_folder_of(const std::string& path) {
    auto folder = std::filesystem::path(path).parent_path();
    if (folder.empty()) folder = ".";
    const File file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (file.get() < 0 || ::fsync(file.get()) != 0) {
        throw Fault(fmt::format(
            "folder {} of the key file can't be synced: {}", folder.string(), error_text(errno)
        ));
    }
}

}  // namespace

crypto::Secret read_key_file(const std::string& path, KeyFileKind kind) {
    const auto file = open_safely(path, kind);
    if (!file) throw Fault(file.error().detail);

    std::size_t size = 0;
    const auto text = read_digits(file->get(), path, size);
    const auto shown = as_text(text.expose());
    bool sound = size == digits || (size == digits + 1 && shown[digits] == '\n');
    auto key = crypto::Secret::make(key_size, [&](std::span<std::byte> out) {
        for (std::size_t i = 0; sound && i < out.size(); ++i) {
            const int high = hex_value(shown[2 * i]);
            const int low = hex_value(shown[2 * i + 1]);
            sound = high >= 0 && low >= 0;
            if (sound) out[i] = static_cast<std::byte>(high << 4 | low);
        }
    });
    if (!sound) {
        throw Fault(fmt::format(
            "key file {} does not hold a key of {} lower-case hex digits; restore it from your "
            "backup of the keys",
            path,
            digits
        ));
    }
    return key;
}

void create_key_file(const std::string& path, const crypto::Secret& key) {
    if (key.size() != key_size) throw Fault("a key file holds 32 bytes");
    const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)
    );
    if (file.get() < 0 && errno == EEXIST) {
        throw Fault(fmt::format(
            "key file {} exists already and is left as it is: what it has sealed opens with no "
            "other",
            path
        ));
    }
    if (file.get() < 0) {
        throw Fault(fmt::format("key file {} can't be made: {}", path, error_text(errno)));
    }
    constexpr std::string_view hex = "0123456789abcdef";
    const auto bytes = key.expose();
    const auto text = crypto::Secret::make(digits + 1, [&](std::span<std::byte> out) {
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            const auto value = std::to_integer<unsigned>(bytes[i]);
            out[2 * i] = static_cast<std::byte>(hex[value >> 4U]);
            out[2 * i + 1] = static_cast<std::byte>(hex[value & 0xfU]);
        }
        out[digits] = std::byte{'\n'};
    });
    write_all(file.get(), path, text.expose());
    // An odd umask may have taken bits away; it can't have given any.
    if (::fchmod(file.get(), 0600) != 0 || ::fsync(file.get()) != 0) {
        throw Fault(fmt::format("key file {} can't be synced: {}", path, error_text(errno)));
    }
    sync_folder_of(path);
}

Result<void> check_key_file(const std::string& path, KeyFileKind kind) {
    SP_CHECK(open_safely(path, kind));
    return {};
}

}  // namespace sallyport::keys
