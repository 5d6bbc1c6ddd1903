#include "domain/recording/recorder.h"

#include "domain/recording/health.h"
#include "domain/recording/journal.h"
#include "domain/recording/manifest.h"
#include "domain/recording/mover.h"
#include "domain/recording/record.h"
#include "domain/recording/recovery.h"

#include <fmt/core.h>

#include <mutex>
#include <optional>
#include <span>
#include <unordered_set>

namespace sallyport::recording {
namespace {

// What the recorder and its recordings share; lives as long as any of them.
struct Core {
    Core(RecorderSettings wanted, Disk& disk, Random& random, std::uint64_t first_file_number)
        : settings(std::move(wanted)),
          health(settings.on_trouble),
          reserve(disk, health, settings),
          mover(settings, disk, health, reserve),
          journal(
              settings,
              disk,
              random,
              health,
              reserve,
              {first_file_number, [this](std::uint64_t bytes) { mover.moved_on(bytes); }}
          ) {
        mover.start(journal);
    }

    const RecorderSettings settings;
    Health health;
    Reserve reserve;
    Mover mover;
    Journal journal;

    std::mutex mutex;
    std::unordered_set<ConnectionId> open;
    bool stopping = false;
};

std::exception_ptr failed(const char* what) {
    return std::make_exception_ptr(RecorderFailed(what));
}

class JournalledRecording final : public Recording {
public:
    JournalledRecording(std::shared_ptr<Core> core, const ConnectionId& id, crypto::Secret key)
        : core_(std::move(core)),
          id_(id),
          key_(std::move(key)),
          bulk_(std::make_shared<BulkFile>(id, nullptr)) {}

    ~JournalledRecording() override {
        if (!ended_) core_->mover.abandon(id_);
        const std::lock_guard lock(core_->mutex);
        core_->open.erase(id_);
    }

    JournalledRecording(const JournalledRecording&) = delete;
    JournalledRecording& operator=(const JournalledRecording&) = delete;
    JournalledRecording(JournalledRecording&&) = delete;
    JournalledRecording& operator=(JournalledRecording&&) = delete;

    const ConnectionId& id() const noexcept override { return id_; }

    // The first record: the wrapped key and what the recording is about. Sequence 0.
    void begin(const RecordingInfo& info, const OpenBody& body) {
        const std::lock_guard lock(mutex_);
        JournalItem item;
        item.record = encode_record(
            {.type = RecordType::open, .connection = id_, .sequence = 0, .at = info.opened_at},
            encode_open_body(body)
        );
        (void)core_->journal.push({&item, 1}, 0, false);
    }

    void submit(Frame frame, Completion done) override {
        submit_now({&frame, 1}, std::move(done), true);
    }

    void submit_all(std::vector<Frame> frames, Completion done) override {
        submit_now(frames, std::move(done), true);
    }

    void submit_lazily(Frame frame, Completion done) override {
        submit_now({&frame, 1}, std::move(done), false);
    }

    void mark_sent(std::uint64_t sequence, Time at) override {
        const std::lock_guard lock(mutex_);
        if (ended_ || core_->health.poisoned()) return;
        const Frame mark{.kind = FrameKind::sent, .reference = sequence, .at = at, .payload = {}};
        if (!core_->journal.reserve(cost_of(mark))) return;
        JournalItem item;
        crypto::AeadSealer sealer(key_);
        write_record(sealer, mark, item);
        (void)core_->journal.push({&item, 1}, cost_of(mark), false);
    }

    void seal(std::string cause, Time at, Sealed done) override {
        std::optional<Sealed> refused;
        JournalItem item;
        bool taken = false;
        {
            const std::lock_guard lock(mutex_);
            if (std::exchange(ended_, true)) {
                refused = std::move(done);
            } else {
                const auto note = to_json(EndNote{cause, sequence_ + 1});
                const auto payload = as_bytes(note);
                crypto::AeadSealer sealer(key_);
                write_record(
                    sealer,
                    {.kind = FrameKind::end, .at = at, .payload = {payload.begin(), payload.end()}},
                    item
                );
                core_->mover.expect_seal(id_, {std::move(cause), at, std::move(done)});
                item.done = [core = core_.get(), id = id_](const auto& error, std::uint64_t) {
                    error ? core->mover.fail_seal(id, error) : core->mover.hurry();
                };
                // The last frame of a visit always finds room: it is small, and there is one.
                taken = core_->journal.push({&item, 1}, 0, true);
            }
        }
        if (refused) {
            if (*refused) (*refused)(failed("the recording is sealed"), {});
            return;
        }
        if (!taken) core_->mover.fail_seal(id_, failed("the recorder has stopped"));
    }

private:
    static std::size_t cost_of(const Frame& frame) {
        return frame.payload.size() + record_prefix_size + record_head_size + frame_head_size +
               tag_size;
    }

    void submit_now(std::span<const Frame> frames, Completion done, bool urgent) {
        std::vector<JournalItem> items;
        bool taken = false;
        {
            const std::lock_guard lock(mutex_);
            std::size_t cost = 0;
            auto why_not = reserve_for(frames, cost);
            // A refusal comes in its turn, behind the frames that were submitted before.
            items.resize(why_not ? 1 : frames.size());
            items.back().error = std::move(why_not);
            items.back().done = std::move(done);
            if (!items.back().error) {
                crypto::AeadSealer sealer(key_);
                for (std::size_t i = 0; i < frames.size(); ++i) {
                    write_record(sealer, frames[i], items[i]);
                }
            }
            taken = core_->journal.push(items, cost, urgent);
        }
        auto& last = items.back();
        if (!taken && last.done) {
            last.done(last.error ? last.error : failed("the recorder has stopped"), 0);
        }
    }

    // Null if all of them may be queued; then `cost` is what was reserved.
    std::exception_ptr reserve_for(std::span<const Frame> frames, std::size_t& cost) {
        if (ended_) return failed("the recording is sealed");
        if (core_->health.poisoned()) return core_->health.fault();
        std::size_t wanted = 0;
        for (const auto& frame : frames) {
            if (frame.payload.size() > payload_size_max || frame.kind == FrameKind::end) {
                return failed("this frame can't be recorded");
            }
            wanted += cost_of(frame);
        }
        if (frames.empty()) return failed("there is no frame to record");
        if (!core_->journal.reserve(wanted)) {
            return std::make_exception_ptr(RecorderOverloaded("the recorder's queue is full"));
        }
        cost = wanted;
        return nullptr;
    }

    void write_record(crypto::AeadSealer& sealer, const Frame& frame, JournalItem& item) {
        const bool is_long = frame.payload.size() > inline_size_max;
        const RecordHead head{
            .type = is_long ? RecordType::bulk : RecordType::frame,
            .kind = static_cast<std::uint8_t>(frame.kind),
            .connection = id_,
            .sequence = ++sequence_,
            .at = frame.at,
        };
        item.sequence = sequence_;
        if (!is_long) {
            item.record = sealed_record(sealer, head, frame);
            return;
        }
        Bytes sealed = seal_frame(key_, head, frame);
        item.record = encode_record(
            head, encode_bulk_body({bulk_end_, sealed.size(), crypto::sha256(sealed)})
        );
        item.bulk_offset = bulk_end_;
        item.bulk_file = bulk_;
        bulk_end_ += sealed.size();
        item.bulk = std::move(sealed);
    }

    std::shared_ptr<Core> core_;
    ConnectionId id_;
    crypto::Secret key_;
    std::shared_ptr<BulkFile> bulk_;

    std::mutex mutex_;  // orders this recording's frames; held while one is sealed and queued
    std::uint64_t sequence_ = 0;
    std::uint64_t bulk_end_ = 0;
    bool ended_ = false;
};

class JournalRecorder final : public Recorder {
public:
    JournalRecorder(
        RecorderSettings settings,
        const keys::KeyRing& keys,
        Random& random,
        Disk& disk,
        Recovered recovered
    )
        : keys_(keys),
          recovered_(std::move(recovered.recordings)),
          core_(
              std::make_shared<Core>(std::move(settings), disk, random, recovered.next_file_number)
          ) {}

    ~JournalRecorder() override {
        {
            const std::lock_guard lock(core_->mutex);
            core_->stopping = true;
        }
        core_->journal.stop();
        core_->mover.stop();
    }

    JournalRecorder(const JournalRecorder&) = delete;
    JournalRecorder& operator=(const JournalRecorder&) = delete;
    JournalRecorder(JournalRecorder&&) = delete;
    JournalRecorder& operator=(JournalRecorder&&) = delete;

    Result<void> admit() override {
        {
            const std::lock_guard lock(core_->mutex);
            if (core_->stopping) return refuse(Refusal::denied, "recorder.stopping");
        }
        if (poisoned()) return refuse(Refusal::denied, "recorder.poisoned");
        if (!core_->reserve.admits()) return refuse(Refusal::denied, "recorder.disk_reserve");
        return {};
    }

    Result<std::shared_ptr<Recording>> open(const RecordingInfo& info) override {
        SP_CHECK(admit());
        OpenBody body{{}, to_json(info)};
        if (body.info_json.size() > info_size_max) {
            return refuse(Refusal::invalid, "recorder.info_too_long");
        }
        auto key = crypto::Secret::random(32);
        body.wrapped_key =
            keys_.seal(keys::Purpose::recording_key, info.connection.text(), key.expose());
        {
            const std::lock_guard lock(core_->mutex);
            if (!core_->open.insert(info.connection).second) {
                return refuse(Refusal::conflict, "recorder.already_open");
            }
        }
        auto recording =
            std::make_shared<JournalledRecording>(core_, info.connection, std::move(key));
        recording->begin(info, body);
        return recording;
    }

    bool poisoned() const noexcept override { return core_->health.poisoned(); }

    bool on_reserve() const noexcept override { return core_->reserve.in_use(); }

    const std::vector<RecoveredRecording>& recovered() const noexcept override {
        return recovered_;
    }

private:
    const keys::KeyRing& keys_;
    std::vector<RecoveredRecording> recovered_;
    std::shared_ptr<Core> core_;
};

}  // namespace

std::unique_ptr<Recorder> open_recorder(
    RecorderSettings settings, const keys::KeyRing& keys, Random& random, Disk& disk
) {
    disk.make_folder(settings.folder);
    disk.make_folder(settings.folder + "/" + std::string(journal_folder_name));
    disk.make_folder(settings.folder + "/" + std::string(open_folder_name));
    disk.sync_folder(settings.folder);
    auto recovered = recover(settings, keys, disk);
    return std::make_unique<JournalRecorder>(
        std::move(settings), keys, random, disk, std::move(recovered)
    );
}

}  // namespace sallyport::recording
