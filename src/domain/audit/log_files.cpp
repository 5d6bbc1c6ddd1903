#include "domain/audit/log_files.h"

#include "base/core/fault.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

namespace sallyport::audit {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t file_size_max = 64U << 20;

[[noreturn]] void fail(const std::string& doing, const fs::path& path, int error) {
    throw Fault(doing + " " + path.string() + ": " + std::generic_category().message(error));
}

class Descriptor {
public:
    Descriptor(const fs::path& path, int flags, mode_t mode = 0)
        : path_(path), descriptor_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}

    ~Descriptor() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }

    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    Descriptor(Descriptor&&) = delete;
    Descriptor& operator=(Descriptor&&) = delete;

    [[nodiscard]] bool open() const { return descriptor_ >= 0; }

    [[nodiscard]] int number() const { return descriptor_; }

    void require(const std::string& doing) const {
        if (!open()) fail(doing, path_, errno);
    }

    void write(BytesView bytes) const {
        while (!bytes.empty()) {
            const auto written = ::write(descriptor_, bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) fail("writing", path_, errno);
            bytes = bytes.subspan(static_cast<std::size_t>(written));
        }
    }

    void sync() const {
        if (::fsync(descriptor_) != 0) fail("fsync of", path_, errno);
    }

private:
    fs::path path_;
    int descriptor_;
};

void sync_folder(const fs::path& folder) {
    const Descriptor descriptor(folder, O_RDONLY | O_DIRECTORY);
    descriptor.require("opening");
    descriptor.sync();
}

// Folders that had to be made are fsynced into their parents.
void make_folder(const fs::path& folder) {
    if (::mkdir(folder.c_str(), 0750) == 0) return sync_folder(folder.parent_path());
    if (errno == EEXIST) return;
    if (errno != ENOENT) fail("making", folder, errno);
    make_folder(folder.parent_path());
    make_folder(folder);
}

fs::path temporary(const fs::path& path) {
    return path.parent_path() / ("." + path.filename().string() + ".new");
}

class Folder final : public LogFiles {
public:
    explicit Folder(fs::path root) : root_(std::move(root)) {}

    void write(std::span<const LogFile> files) override {
        std::set<fs::path> folders;
        for (const auto& file : files) {
            const auto path = root_ / file.path;
            make_folder(path.parent_path());
            folders.insert(path.parent_path());
            const Descriptor out(temporary(path), O_WRONLY | O_CREAT | O_TRUNC, 0640);
            out.require("creating");
            out.write(file.content);
            out.sync();
        }
        for (const auto& file : files) {
            const auto path = root_ / file.path;
            if (::rename(temporary(path).c_str(), path.c_str()) != 0) {
                fail("renaming to", path, errno);
            }
        }
        for (const auto& folder : folders) {
            sync_folder(folder);
        }
    }

    [[nodiscard]] std::optional<Bytes> read(const std::string& path) const override {
        const Descriptor in(root_ / path, O_RDONLY);
        if (!in.open() && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
        in.require("opening");
        struct stat status{};
        if (::fstat(in.number(), &status) != 0) fail("reading", root_ / path, errno);
        const auto size = static_cast<std::size_t>(status.st_size);
        if (!S_ISREG(status.st_mode) || size > file_size_max) {
            fail("reading", root_ / path, EFBIG);
        }
        Bytes content(size);
        std::size_t have = 0;
        while (have < size) {
            const auto got = ::read(in.number(), content.data() + have, size - have);
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) fail("reading", root_ / path, errno);
            if (got == 0) break;
            have += static_cast<std::size_t>(got);
        }
        content.resize(have);
        return content;
    }

    [[nodiscard]] std::vector<std::string> names(const std::string& folder) const override {
        std::vector<std::string> found;
        std::error_code error;
        for (fs::directory_iterator at(root_ / folder, error), end; !error && at != end;
             at.increment(error)) {
            auto name = at->path().filename().string();
            if (!name.starts_with('.') && at->is_regular_file(error)) {
                found.push_back(std::move(name));
            }
        }
        std::ranges::sort(found);
        return found;
    }

    void remove(const std::string& path) override {
        std::error_code ignored;
        fs::remove(root_ / path, ignored);
    }

private:
    fs::path root_;
};

class View final : public LogFiles {
public:
    explicit View(fs::path root) : folder_(root), root_(std::move(root)) {}

    void write(std::span<const LogFile> files) override {
        fail("writing", files.empty() ? root_ : root_ / files.front().path, EROFS);
    }

    [[nodiscard]] std::optional<Bytes> read(const std::string& path) const override {
        return folder_.read(path);
    }

    [[nodiscard]] std::vector<std::string> names(const std::string& folder) const override {
        return folder_.names(folder);
    }

    void remove(const std::string& path) override { fail("removing", root_ / path, EROFS); }

private:
    Folder folder_;
    fs::path root_;
};

}  // namespace

std::unique_ptr<LogFiles> open_log_folder(const std::string& path) {
    const auto root = fs::absolute(path);
    make_folder(root);
    return std::make_unique<Folder>(root);
}

std::unique_ptr<LogFiles> view_log_folder(const std::string& path) {
    return std::make_unique<View>(fs::absolute(path));
}

}  // namespace sallyport::audit
