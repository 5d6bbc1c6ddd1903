#pragma once
// The recorder's seam to files. It names every step that matters for durability, so that a test can
// fill the disk, fail an fsync, or lose what was never synced, exactly where it wants to.
//
// Everything that does not succeed throws DiskFault; no space left is DiskFull. A failed sync is
// final: what it covered may be lost, and asking again proves nothing (the kernel may have dropped
// the dirty pages), so callers stop using the file.

#include "base/core/bytes.h"
#include "base/core/fault.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sallyport::recording {

class DiskFault : public Fault {
public:
    using Fault::Fault;
};

class DiskFull final : public DiskFault {
public:
    using DiskFault::DiskFault;
};

// An open file. Reading and writing at the same time from two threads is fine; two writers are not.
class File {
public:
    virtual ~File() = default;

    // All of it, or a fault; after a fault a part may be written.
    virtual void write_at(std::uint64_t offset, BytesView bytes) = 0;
    // Returns how many bytes there were, fewer than asked only at the end of the file.
    [[nodiscard]] virtual std::size_t read_at(std::uint64_t offset, std::span<std::byte> out) = 0;
    [[nodiscard]] virtual std::uint64_t size() = 0;
    virtual void truncate(std::uint64_t size) = 0;
    // Sets the size and takes the blocks now, so that writing inside it can't find the disk full.
    virtual void allocate(std::uint64_t size) = 0;
    // fdatasync: the bytes and what is needed to find them again.
    virtual void sync() = 0;
};

enum class OpenMode : std::uint8_t {
    read,   // must exist
    write,  // reading too; made if it is absent, for the server's own user only
};

class Disk {
public:
    virtual ~Disk() = default;

    [[nodiscard]] virtual std::unique_ptr<File> open(const std::string& path, OpenMode mode) = 0;
    [[nodiscard]] virtual bool exists(const std::string& path) = 0;
    // The parent must exist; a folder that exists already is fine.
    virtual void make_folder(const std::string& path) = 0;
    // Replaces what stood at `to`.
    virtual void rename(const std::string& from, const std::string& to) = 0;
    // What is absent already is fine.
    virtual void remove(const std::string& path) = 0;
    // Names made, changed or removed in this folder outlive a power cut from here on.
    virtual void sync_folder(const std::string& path) = 0;
    // Names without the folder, sorted; none if the folder is absent.
    [[nodiscard]] virtual std::vector<std::string> list(const std::string& path) = 0;
    // What this process may still write on the file system of `path`.
    [[nodiscard]] virtual std::uint64_t free_bytes(const std::string& path) = 0;
};

class PosixDisk final : public Disk {
public:
    [[nodiscard]] std::unique_ptr<File> open(const std::string& path, OpenMode mode) override;
    [[nodiscard]] bool exists(const std::string& path) override;
    void make_folder(const std::string& path) override;
    void rename(const std::string& from, const std::string& to) override;
    void remove(const std::string& path) override;
    void sync_folder(const std::string& path) override;
    [[nodiscard]] std::vector<std::string> list(const std::string& path) override;
    [[nodiscard]] std::uint64_t free_bytes(const std::string& path) override;
};

// The whole file. A fault if it is larger than `size_max`.
[[nodiscard]] Bytes read_file(Disk& disk, const std::string& path, std::size_t size_max);
// Written beside, synced, renamed over, folder synced: readers see the old or the new, whole.
void replace_file(Disk& disk, const std::string& folder, const std::string& name, BytesView bytes);

}  // namespace sallyport::recording
