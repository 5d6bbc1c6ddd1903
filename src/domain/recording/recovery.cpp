#include "domain/recording/recovery.h"

#include "base/core/log.h"
#include "domain/recording/journal_reader.h"
#include "domain/recording/manifest.h"

#include <algorithm>
#include <map>

namespace sallyport::recording {
namespace {

class Replay {
public:
    Replay(const RecorderSettings& settings, const keys::KeyRing& keys, Disk& disk)
        : settings_(settings),
          keys_(keys),
          disk_(disk),
          journal_(settings.folder + "/" + std::string(journal_folder_name)) {}

    Recovered run() {
        Recovered recovered;
        std::vector<std::string> files;
        for (const auto& name : disk_.list(journal_)) {
            const auto number = journal_number(name);
            if (!number) continue;
            recovered.next_file_number = *number + 1;
            read_file(name, *number);
            files.push_back(name);
        }
        const auto marks = settings_.folder + "/" + std::string(open_folder_name);
        for (const auto& name : disk_.list(marks)) {
            if (const auto id = ConnectionId::parse(name)) (void)writer(*id);
        }
        for (auto& [id, writer] : writers_) {
            settle(id, writer, recovered.recordings);
        }
        for (const auto& name : files) {
            disk_.remove(journal_ + "/" + name);
        }
        disk_.sync_folder(journal_);
        return recovered;
    }

private:
    SegmentWriter& writer(const ConnectionId& id) {
        auto found = writers_.find(id);
        if (found == writers_.end()) {
            found = writers_
                        .emplace(
                            std::piecewise_construct,
                            std::forward_as_tuple(id),
                            std::forward_as_tuple(disk_, settings_.folder, id, limits_of(settings_))
                        )
                        .first;
        }
        return found->second;
    }

    void read_file(const std::string& name, std::uint64_t number) {
        const auto file = disk_.open(journal_ + "/" + name, OpenMode::read);
        const auto header = header_of(*file, name, number);
        if (!header) return;
        const bool goes_on = header->stamp == stamp_;
        if (goes_on && header->first_batch != next_batch_) report(name, "batches are missing");
        stamp_ = header->stamp;

        BatchReader batches(*file, header->stamp, header->first_batch, page_size);
        for (;;) {
            const auto payload = batches.peek();
            if (!payload) {
                if (!batches.skip_hole()) break;
                report(name, "a batch is damaged");
                continue;
            }
            for_each_record(*payload, [this](const Record& record) {
                writer(record.head.connection).append(record);
            });
            batches.advance();
        }
        next_batch_ = batches.number();
        for (auto& [id, writer] : writers_) {
            writer.flush();
        }
    }

    // None if the file holds nothing: fresh, or reclaimed.
    std::optional<JournalHeader> header_of(
        File& file, const std::string& name, std::uint64_t number
    ) {
        Bytes page(page_size);
        page.resize(file.read_at(0, page));
        if (std::ranges::all_of(page, [](auto b) { return b == std::byte{0}; })) return {};
        if (const auto header = decode_journal_header(page)) {
            if (header->number == number) return *header;
        }
        report(name, "the header is damaged");
        // Any batch tells whose run it was.
        const auto size = file.size();
        for (auto offset = page_size; offset < size; offset += page_size) {
            Bytes bytes(batch_head_size);
            bytes.resize(file.read_at(offset, bytes));
            if (const auto head = decode_batch_head(bytes)) {
                return JournalHeader{number, head->stamp, head->number};
            }
        }
        return {};
    }

    void report(const std::string& name, std::string_view what) {
        damaged_ = true;
        log::error("journal damaged", {{"file", name}, {"what", std::string(what)}});
    }

    void settle(
        const ConnectionId& id, SegmentWriter& writer, std::vector<RecoveredRecording>& recovered
    ) {
        if (writer.sealed()) {
            disk_.remove(settings_.folder + "/" + std::string(open_folder_name) + "/" + id.text());
            return;
        }
        auto ending = recorded_ending(writer, id, keys_);
        const bool interrupted = !ending;
        if (interrupted) ending = Ending{true, "interrupted", writer.last_at()};
        auto sealed = writer.seal(*ending, interrupted && damaged_);
        RecoveredRecording entry{
            id,
            interrupted,
            ending->cause,
            ending->at,
            std::move(sealed.root_hash),
            sealed.manifest.frames,
            {}
        };
        for (const auto& gap : sealed.manifest.gaps) {
            entry.gaps.emplace_back(gap.from, gap.to);
        }
        recovered.push_back(std::move(entry));
    }

    const RecorderSettings& settings_;
    const keys::KeyRing& keys_;
    Disk& disk_;
    std::string journal_;
    std::map<ConnectionId, SegmentWriter> writers_;
    std::optional<std::uint64_t> stamp_;
    std::uint64_t next_batch_ = 0;
    bool damaged_ = false;
};

}  // namespace

SegmentLimits limits_of(const RecorderSettings& settings) {
    return {settings.segment_bytes_max, settings.segment_age_max};
}

std::optional<Ending> recorded_ending(
    const SegmentWriter& writer, const ConnectionId& connection, const keys::KeyRing& keys
) {
    if (!writer.end_record()) return std::nullopt;
    Ending ending{false, "unknown", writer.last_at()};
    try {
        const auto record = decode_record(*writer.end_record());
        const auto key =
            keys.unseal(keys::Purpose::recording_key, connection.text(), writer.wrapped_key());
        if (!record) return ending;
        const auto frame = open_frame(key, *record, record->body);
        if (!frame) return ending;
        if (const auto note = parse_end_note(as_text(frame->payload))) ending.cause = note->cause;
    } catch (const DiskFault&) {
        throw;
    } catch (const Fault& fault) {
        // The key or the frame was tampered with; the reader will say so. The seal goes on.
        log::error(
            "a recording's key does not open",
            {{"recording", connection.text()}, {"error", fault.what()}}
        );
    }
    return ending;
}

Recovered recover(const RecorderSettings& settings, const keys::KeyRing& keys, Disk& disk) {
    try {
        return Replay(settings, keys, disk).run();
    } catch (const DiskFull&) {
        // The reserve is for this. What was moved before is not moved again.
        disk.remove(settings.folder + "/reserve");
        return Replay(settings, keys, disk).run();
    }
}

}  // namespace sallyport::recording
