#pragma once
// A disk in memory that lies the way disks do: what was never synced is lost at a power cut, it can
// be full, a sync can fail, a write can stop half-way, and the power can go at any operation.

#include "domain/recording/disk.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace sallyport::test {

struct MemoryNode;

// Thread-safe. Files handed out stay usable for reading and writing until the power goes.
class MemoryDisk final : public recording::Disk {
public:
    using Folder = std::map<std::string, std::shared_ptr<MemoryNode>>;

    // -- trouble --

    // Bytes that fit on the disk in all.
    void set_capacity(std::uint64_t bytes) {
        const std::lock_guard lock(mutex_);
        capacity_ = bytes;
    }

    // The sync that follows so many others fails (0: the next), and so do all after it.
    void fail_sync_after(std::uint64_t count) {
        const std::lock_guard lock(mutex_);
        syncs_left_ = count;
    }

    // The power goes after so many changing operations: everything fails from there on.
    void cut_power_after(std::uint64_t operations) {
        const std::lock_guard lock(mutex_);
        operations_left_ = operations;
    }

    [[nodiscard]] std::uint64_t operations() const {
        const std::lock_guard lock(mutex_);
        return operations_;
    }

    [[nodiscard]] std::uint64_t syncs() const {
        const std::lock_guard lock(mutex_);
        return syncs_;
    }

    [[nodiscard]] bool dead() const {
        const std::lock_guard lock(mutex_);
        return operations_left_ == 0;
    }

    // Power back: what was not synced is gone, and the disk works again.
    void restart();
    // The process died and the machine did not: the disk works again, with everything written.
    void revive();

    // The bytes of a file as they are now, for tampering.
    [[nodiscard]] Bytes& bytes_of(const std::string& path);

    // -- Disk --

    std::unique_ptr<recording::File> open(const std::string& path, recording::OpenMode mode)
        override;
    bool exists(const std::string& path) override;
    void make_folder(const std::string& path) override;
    void rename(const std::string& from, const std::string& to) override;
    void remove(const std::string& path) override;
    void sync_folder(const std::string& path) override;
    std::vector<std::string> list(const std::string& path) override;
    std::uint64_t free_bytes(const std::string& path) override;

private:
    friend class MemoryFile;

    static std::string parent_of(const std::string& path) {
        return path.substr(0, path.rfind('/'));
    }

    // Counts an operation that changes something; throws once the power is gone.
    void change();
    void sync_counted();
    [[nodiscard]] std::uint64_t used() const;
    void write(MemoryNode& node, std::uint64_t offset, BytesView bytes);
    void resize(MemoryNode& node, std::uint64_t size);

    mutable std::mutex mutex_;
    Folder now_;      // by whole path
    Folder durable_;  // the names that outlive a power cut
    std::uint64_t capacity_ = std::numeric_limits<std::uint64_t>::max();
    std::optional<std::uint64_t> syncs_left_;
    std::optional<std::uint64_t> operations_left_;
    std::uint64_t operations_ = 0;
    std::uint64_t syncs_ = 0;
    std::uint64_t life_ = 0;  // files of an earlier life are dead
};

struct MemoryNode {
    bool folder = false;
    Bytes now;
    Bytes durable;
};

class MemoryFile final : public recording::File {
public:
    MemoryFile(MemoryDisk& disk, std::shared_ptr<MemoryNode> node)
        : disk_(disk), node_(std::move(node)), life_(disk.life_) {}

    void write_at(std::uint64_t offset, BytesView bytes) override {
        const std::lock_guard lock(disk_.mutex_);
        check();
        disk_.change();
        disk_.write(*node_, offset, bytes);
    }

    std::size_t read_at(std::uint64_t offset, std::span<std::byte> out) override {
        const std::lock_guard lock(disk_.mutex_);
        check();
        if (offset >= node_->now.size()) return 0;
        const auto size = std::min<std::size_t>(out.size(), node_->now.size() - offset);
        std::copy_n(node_->now.begin() + static_cast<std::ptrdiff_t>(offset), size, out.begin());
        return size;
    }

    std::uint64_t size() override {
        const std::lock_guard lock(disk_.mutex_);
        check();
        return node_->now.size();
    }

    void truncate(std::uint64_t size) override {
        const std::lock_guard lock(disk_.mutex_);
        check();
        disk_.change();
        disk_.resize(*node_, size);
    }

    void allocate(std::uint64_t size) override {
        const std::lock_guard lock(disk_.mutex_);
        check();
        disk_.change();
        if (size > node_->now.size()) disk_.resize(*node_, size);
    }

    void sync() override {
        const std::lock_guard lock(disk_.mutex_);
        check();
        disk_.sync_counted();
        node_->durable = node_->now;
    }

private:
    void check() const {
        if (life_ != disk_.life_) throw recording::DiskFault("a file of an earlier life");
    }

    MemoryDisk& disk_;
    std::shared_ptr<MemoryNode> node_;
    std::uint64_t life_;
};

inline void MemoryDisk::restart() {
    const std::lock_guard lock(mutex_);
    now_.clear();
    for (const auto& [path, node] : durable_) {
        // What lies in a folder that is gone is gone too; folders sort before what is in them.
        const auto parent = parent_of(path);
        if (!parent.empty() && !now_.contains(parent)) continue;
        node->now = node->durable;
        now_.emplace(path, node);
    }
    durable_ = now_;
    operations_left_.reset();
    syncs_left_.reset();
    ++life_;
}

inline void MemoryDisk::revive() {
    const std::lock_guard lock(mutex_);
    operations_left_.reset();
    syncs_left_.reset();
    ++life_;
}

inline Bytes& MemoryDisk::bytes_of(const std::string& path) {
    const std::lock_guard lock(mutex_);
    return now_.at(path)->now;
}

inline std::unique_ptr<recording::File> MemoryDisk::open(
    const std::string& path, recording::OpenMode mode
) {
    const std::lock_guard lock(mutex_);
    auto found = now_.find(path);
    if (found == now_.end()) {
        if (mode == recording::OpenMode::read) throw recording::DiskFault("absent: " + path);
        if (!now_.contains(parent_of(path))) throw recording::DiskFault("no folder for " + path);
        change();
        found = now_.emplace(path, std::make_shared<MemoryNode>()).first;
    }
    return std::make_unique<MemoryFile>(*this, found->second);
}

inline bool MemoryDisk::exists(const std::string& path) {
    const std::lock_guard lock(mutex_);
    return now_.contains(path);
}

inline void MemoryDisk::make_folder(const std::string& path) {
    const std::lock_guard lock(mutex_);
    if (now_.contains(path)) return;
    change();
    auto node = std::make_shared<MemoryNode>();
    node->folder = true;
    now_.emplace(path, node);
    // The outermost folder is the test's own and is there before.
    if (!now_.contains(parent_of(path))) durable_.emplace(path, node);
}

inline void MemoryDisk::rename(const std::string& from, const std::string& to) {
    const std::lock_guard lock(mutex_);
    change();
    now_[to] = now_.at(from);
    now_.erase(from);
}

inline void MemoryDisk::remove(const std::string& path) {
    const std::lock_guard lock(mutex_);
    change();
    now_.erase(path);
}

inline void MemoryDisk::sync_folder(const std::string& path) {
    const std::lock_guard lock(mutex_);
    sync_counted();
    const auto is_in = [&](const auto& entry) { return parent_of(entry.first) == path; };
    std::erase_if(durable_, is_in);
    for (const auto& entry : now_) {
        if (is_in(entry)) durable_.insert(entry);
    }
}

inline std::vector<std::string> MemoryDisk::list(const std::string& path) {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [name, node] : now_) {
        if (parent_of(name) == path) names.push_back(name.substr(path.size() + 1));
    }
    return names;
}

inline std::uint64_t MemoryDisk::free_bytes(const std::string& /*path*/) {
    const std::lock_guard lock(mutex_);
    const auto taken = used();
    return taken < capacity_ ? capacity_ - taken : 0;
}

inline void MemoryDisk::change() {
    if (operations_left_ == 0) throw recording::DiskFault("the power is gone");
    if (operations_left_) --*operations_left_;
    ++operations_;
}

inline void MemoryDisk::sync_counted() {
    change();
    if (syncs_left_ == 0) throw recording::DiskFault("the sync failed");
    if (syncs_left_) --*syncs_left_;
    ++syncs_;
}

inline std::uint64_t MemoryDisk::used() const {
    std::uint64_t total = 0;
    for (const auto& [path, node] : now_) {
        total += node->now.size();
    }
    return total;
}

inline void MemoryDisk::write(MemoryNode& node, std::uint64_t offset, BytesView bytes) {
    const auto end = offset + bytes.size();
    if (end > node.now.size()) {
        const auto taken = used();
        const auto room = taken < capacity_ ? capacity_ - taken : 0;
        if (end - node.now.size() > room) {
            // A part is written before the disk says no.
            const auto fits = node.now.size() + room;
            if (fits > offset) {
                node.now.resize(fits);
                std::copy_n(
                    bytes.begin(),
                    fits - offset,
                    node.now.begin() + static_cast<std::ptrdiff_t>(offset)
                );
            }
            throw recording::DiskFull("the disk is full");
        }
        node.now.resize(end);
    }
    std::ranges::copy(bytes, node.now.begin() + static_cast<std::ptrdiff_t>(offset));
}

inline void MemoryDisk::resize(MemoryNode& node, std::uint64_t size) {
    if (size > node.now.size()) {
        const auto taken = used();
        const auto room = taken < capacity_ ? capacity_ - taken : 0;
        if (size - node.now.size() > room) throw recording::DiskFull("the disk is full");
    }
    node.now.resize(size);
}

}  // namespace sallyport::test
