#include "domain/recording/disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace sallyport::recording {
namespace {

[[noreturn]] void fail(std::string_view verb, const std::string& path, int code) {
    auto text = fmt::format("{} {}: {}", verb, path, std::generic_category().message(code));
    if (code == ENOSPC || code == EDQUOT) throw DiskFull(text);
    throw DiskFault(text);
}

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}

    ~Descriptor() { ::close(number_); }

    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    Descriptor(Descriptor&&) = delete;
    Descriptor& operator=(Descriptor&&) = delete;

    [[nodiscard]] int number() const noexcept { return number_; }

private:
    int number_;
};

class PosixFile final : public File {
public:
    PosixFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

    void write_at(std::uint64_t offset, BytesView bytes) override {
        while (!bytes.empty()) {
            const auto written = ::pwrite(
                descriptor_.number(), bytes.data(), bytes.size(), static_cast<off_t>(offset)
            );
            if (written < 0) {
                if (errno == EINTR) continue;
                fail("write", path_, errno);
            }
            bytes = bytes.subspan(static_cast<std::size_t>(written));
            offset += static_cast<std::uint64_t>(written);
        }
    }

    std::size_t read_at(std::uint64_t offset, std::span<std::byte> out) override {
        std::size_t total = 0;
        while (total < out.size()) {
            const auto got = ::pread(
                descriptor_.number(),
                out.data() + total,
                out.size() - total,
                static_cast<off_t>(offset + total)
            );
            if (got < 0) {
                if (errno == EINTR) continue;
                fail("read", path_, errno);
            }
            if (got == 0) break;
            total += static_cast<std::size_t>(got);
        }
        return total;
    }

    std::uint64_t size() override {
        struct stat facts{};
        if (::fstat(descriptor_.number(), &facts) != 0) fail("look at", path_, errno);
        return static_cast<std::uint64_t>(facts.st_size);
    }

    void truncate(std::uint64_t size) override {
        if (::ftruncate(descriptor_.number(), static_cast<off_t>(size)) != 0) {
            fail("truncate", path_, errno);
        }
    }

    void allocate(std::uint64_t size) override {
        const int code = ::posix_fallocate(descriptor_.number(), 0, static_cast<off_t>(size));
        if (code != 0) fail("allocate", path_, code);
    }

    void sync() override {
        // Not even EINTR is tried again: a sync that did not say yes said no.
        if (::fdatasync(descriptor_.number()) != 0) fail("sync", path_, errno);
    }

private:
    std::string path_;
    Descriptor descriptor_;
};

}  // namespace

std::unique_ptr<File> PosixDisk::open(const std::string& path, OpenMode mode) {
    const int flags = mode == OpenMode::read ? O_RDONLY : O_RDWR | O_CREAT;
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) fail("open", path, errno);
    return std::make_unique<PosixFile>(path, descriptor);
}

bool PosixDisk::exists(const std::string& path) {
    struct stat facts{};
    if (::lstat(path.c_str(), &facts) == 0) return true;
    if (errno != ENOENT && errno != ENOTDIR) fail("look at", path, errno);
    return false;
}

void PosixDisk::make_folder(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) fail("make folder", path, errno);
}

void PosixDisk::rename(const std::string& from, const std::string& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) fail("rename", from, errno);
}

void PosixDisk::remove(const std::string& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) fail("remove", path, errno);
}

void PosixDisk::sync_folder(const std::string& path) {
    const int number = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (number < 0) fail("open folder", path, errno);
    const Descriptor descriptor(number);
    if (::fsync(number) != 0) fail("sync folder", path, errno);
}

std::vector<std::string> PosixDisk::list(const std::string& path) {
    DIR* folder = ::opendir(path.c_str());
    if (folder == nullptr) {
        if (errno == ENOENT) return {};
        fail("list", path, errno);
    }
    std::vector<std::string> names;
    errno = 0;
    // Each call has a DIR of its own, which is what makes readdir safe (POSIX.1-2024).
    while (const dirent* entry = ::readdir(folder)) {  // NOLINT(concurrency-mt-unsafe)
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") names.emplace_back(name);
    }
    const int code = errno;
    ::closedir(folder);
    if (code != 0) fail("list", path, code);
    std::ranges::sort(names);
    return names;
}

std::uint64_t PosixDisk::free_bytes(const std::string& path) {
    struct statvfs facts{};
    if (::statvfs(path.c_str(), &facts) != 0) fail("look at", path, errno);
    return static_cast<std::uint64_t>(facts.f_bavail) * facts.f_frsize;
}

Bytes read_file(Disk& disk, const std::string& path, std::size_t size_max) {
    const auto file = disk.open(path, OpenMode::read);
    const auto size = file->size();
    if (size > size_max) throw DiskFault(fmt::format("{} is larger than {} bytes", path, size_max));
    Bytes bytes(static_cast<std::size_t>(size));
    bytes.resize(file->read_at(0, bytes));
    return bytes;
}

void replace_file(Disk& disk, const std::string& folder, const std::string& name, BytesView bytes) {
    const auto path = folder + "/" + name;
    const auto beside = path + ".new";
    {
        const auto file = disk.open(beside, OpenMode::write);
        file->truncate(0);
        file->write_at(0, bytes);
        file->sync();
    }
    disk.rename(beside, path);
    disk.sync_folder(folder);
}

}  // namespace sallyport::recording
