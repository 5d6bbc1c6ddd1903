#include "domain/recording/mover.h"

#include "base/core/log.h"

#include <algorithm>

namespace sallyport::recording {
namespace {

// Enough for a pass of its own.
constexpr std::uint64_t unmoved_max = 4U << 20U;

void tell(Recording::Sealed& done, const std::exception_ptr& error, Bytes root) noexcept {
    if (!done) return;
    try {
        done(error, std::move(root));
    } catch (const std::exception& e) {
        log::error("a seal's completion threw", {{"error", e.what()}});
    }
}

}  // namespace

Mover::Mover(const RecorderSettings& settings, Disk& disk, Health& health, Reserve& reserve)
    : disk_(disk),
      health_(health),
      reserve_(reserve),
      root_(settings.folder),
      limits_{settings.segment_bytes_max, settings.segment_age_max},
      delay_(settings.move_delay) {}

Mover::~Mover() {
    stop();
}

void Mover::start(Journal& journal) {
    journal_ = &journal;
    thread_ = std::thread([this] { run(); });
}

void Mover::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        wake_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
    fail_all_seals();
}

void Mover::moved_on(std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    const auto before = unmoved_;
    unmoved_ += bytes;
    if (before == 0 || unmoved_ >= unmoved_max) wake_.notify_one();
}

void Mover::hurry() {
    const std::lock_guard lock(mutex_);
    hurry_ = true;
    wake_.notify_one();
}

void Mover::expect_seal(const ConnectionId& connection, PendingSeal seal) {
    const std::lock_guard lock(mutex_);
    seals_.emplace(connection, std::move(seal));
}

void Mover::fail_seal(const ConnectionId& connection, const std::exception_ptr& error) {
    Recording::Sealed done;
    {
        const std::lock_guard lock(mutex_);
        auto found = seals_.extract(connection);
        if (found.empty()) return;
        done = std::move(found.mapped().done);
    }
    tell(done, error, {});
}

void Mover::abandon(const ConnectionId& connection) {
    const std::lock_guard lock(mutex_);
    abandoned_.insert(connection);
    hurry_ = true;
    wake_.notify_one();
}

void Mover::run() {
    bool stopping = false;
    try {
        journal_->prepare_spare();
    } catch (const DiskFull&) {
        log::warning("no room for a spare journal file");
    } catch (...) {
        health_.poison(std::current_exception());
    }
    while (!stopping) {
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [&] { return stopping_ || hurry_ || unmoved_ > 0; });
            wake_.wait_for(lock, delay_, [&] {
                return stopping_ || hurry_ || unmoved_ >= unmoved_max;
            });
            hurry_ = false;
            unmoved_ = 0;
            stopping = stopping_;
        }
        if (health_.poisoned()) {
            fail_all_seals();
            continue;
        }
        try {
            write_with(reserve_, [&] { pass(stopping); });
        } catch (const DiskFull& full) {
            // What is durable stays in the journal; the next pass begins where this one stopped.
            log::error("no room to move frames to their recordings", {{"error", full.what()}});
            const std::lock_guard lock(mutex_);
            unmoved_ = std::max<std::uint64_t>(unmoved_, 1);
        } catch (...) {
            health_.poison(std::current_exception());
            fail_all_seals();
        }
    }
}

void Mover::pass(bool final) {
    move();
    for (auto& [id, writer] : writers_) {
        writer.flush();
    }
    seal_ended();
    let_go_of_abandoned();
    reclaim(final);
}

void Mover::move() {
    for (const auto& range : journal_->durable()) {
        if (std::ranges::find(emptied_, range.file) != emptied_.end()) continue;
        if (range.file != file_) {
            file_ = range.file;
            const auto& header = file_->header;
            batches_ = std::make_unique<BatchReader>(
                *file_->file, header.stamp, header.first_batch, page_size
            );
        }
        while (batches_->offset() < range.end) {
            const auto payload = batches_->peek();
            if (!payload) throw DiskFault("the journal does not read back what was written");
            for_each_record(*payload, [this](const Record& record) {
                const auto& id = record.head.connection;
                writer(id).append(record);
                if (record.head.kind == static_cast<std::uint8_t>(FrameKind::end)) {
                    ended_.insert(id);
                }
            });
            batches_->advance();
        }
        if (range.full) emptied_.push_back(range.file);
    }
}

void Mover::seal_ended() {
    while (!ended_.empty()) {
        const auto id = *ended_.begin();
        PendingSeal seal;
        {
            const std::lock_guard lock(mutex_);
            const auto found = seals_.find(id);
            if (found != seals_.end()) seal = {found->second.cause, found->second.at, {}};
        }
        auto sealed = writer(id).seal({false, seal.cause, seal.at});
        {
            const std::lock_guard lock(mutex_);
            auto found = seals_.extract(id);
            if (!found.empty()) seal.done = std::move(found.mapped().done);
        }
        writers_.erase(id);
        ended_.erase(id);
        tell(seal.done, nullptr, std::move(sealed.root_hash));
    }
}

void Mover::let_go_of_abandoned() {
    std::set<ConnectionId> abandoned;
    {
        const std::lock_guard lock(mutex_);
        abandoned = abandoned_;
    }
    for (const auto& id : abandoned) {
        const auto found = writers_.find(id);
        if (found == writers_.end()) continue;
        found->second.sync();
        writers_.erase(found);
    }
}

void Mover::reclaim(bool final) {
    if (emptied_.empty() && !final) return;
    for (auto& [id, writer] : writers_) {
        writer.sync();
    }
    if (final) {
        for (const auto& range : journal_->durable()) {
            if (std::ranges::find(emptied_, range.file) == emptied_.end()) {
                emptied_.push_back(range.file);
            }
        }
    }
    while (!emptied_.empty()) {
        if (emptied_.back() == file_) {
            batches_.reset();
            file_.reset();
        }
        journal_->reclaim(emptied_.back());
        emptied_.pop_back();
    }
}

void Mover::fail_all_seals() {
    std::map<ConnectionId, PendingSeal> seals;
    {
        const std::lock_guard lock(mutex_);
        seals.swap(seals_);
    }
    auto fault = health_.poisoned() ? health_.fault() : nullptr;
    if (!fault) fault = std::make_exception_ptr(RecorderFailed("the recorder has stopped"));
    for (auto& [id, seal] : seals) {
        tell(seal.done, fault, {});
    }
}

SegmentWriter& Mover::writer(const ConnectionId& connection) {
    const auto found = writers_.find(connection);
    if (found != writers_.end()) return found->second;
    return writers_
        .emplace(
            std::piecewise_construct,
            std::forward_as_tuple(connection),
            std::forward_as_tuple(disk_, root_, connection, limits_)
        )
        .first->second;
}

}  // namespace sallyport::recording
