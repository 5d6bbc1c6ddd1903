#include "base/keys/key_file.h"

#include "base/core/ascii.h"
#include "base/core/bytes.h"
#include "base/core/fault.h"
#include "base/core/private_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

namespace sallyport::keys {
namespace {

constexpr std::size_t key_size = 32;
constexpr std::size_t digits = 2 * key_size;

std::string error_text(int error) {
    return std::generic_category().message(error);
}

// systemd's credentials may belong to root; everything else is ours alone.
PrivateFileKind kind_of(const std::string& path) {
    // Read at the start, before there are threads that could change the environment.
    const char* const folder =
        std::getenv("CREDENTIALS_DIRECTORY");  // NOLINT(concurrency-mt-unsafe)
    if (folder == nullptr || *folder == '\0') return PrivateFileKind::own;
    return path.starts_with(std::string(folder) + "/") ? PrivateFileKind::systemd_credential
                                                       : PrivateFileKind::own;
}

FileDescriptor open_key_file(const std::string& path) {
    auto file = open_private_file(path, kind_of(path));
    if (file) return *std::move(file);
    if (file.error().reason == "private_file.absent") {
        throw Fault(fmt::format(
            "key file {} does not exist; `sallyport init` makes one, or restore it from your "
            "backup of the keys",
            path
        ));
    }
    throw Fault("key " + file.error().detail);
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
    const FileDescriptor file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!file.is_open() || ::fsync(file.get()) != 0) {
        throw Fault(fmt::format(
            "folder {} of the key file can't be synced: {}", folder.string(), error_text(errno)
        ));
    }
}

}  // namespace

crypto::Secret read_key_file(const std::string& path) {
    const auto file = open_key_file(path);

    std::size_t size = 0;
    const auto text = read_digits(file.get(), path, size);
    const auto shown = as_text(text.expose());
    bool sound = size == digits || (size == digits + 1 && shown[digits] == '\n');
    auto key = crypto::Secret::make(key_size, [&](std::span<std::byte> out) {
        for (std::size_t i = 0; sound && i < out.size(); ++i) {
            const int high = strict_hex_value(shown[2 * i]);
            const int low = strict_hex_value(shown[2 * i + 1]);
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
    const FileDescriptor file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)
    );
    if (!file.is_open() && errno == EEXIST) {
        throw Fault(fmt::format(
            "key file {} exists already and is left as it is: what it has sealed opens with no "
            "other",
            path
        ));
    }
    if (!file.is_open()) {
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

void replace_key_file(const std::string& path, const std::string& next, const std::string& kept) {
    // As a second name, so that the first one is never without a file.
    if (::link(path.c_str(), kept.c_str()) != 0) {
        const int error = errno;
        const bool kept_already =
            error == EEXIST &&
            crypto::constant_time_equal(read_key_file(path), read_key_file(kept));
        if (!kept_already) {
            throw Fault(
                fmt::format("key file {} can't be kept as {}: {}", path, kept, error_text(error))
            );
        }
    }
    sync_folder_of(kept);
    if (::rename(next.c_str(), path.c_str()) != 0) {
        throw Fault(fmt::format("key file {} can't be moved: {}", next, error_text(errno)));
    }
    sync_folder_of(path);
}

}  // namespace sallyport::keys
