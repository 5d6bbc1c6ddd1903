#include "domain/recording/reader.h"

#include <algorithm>

namespace sallyport::recording {
namespace {

constexpr std::size_t piece_size = 64U << 10U;
constexpr std::size_t index_size_max = 32U << 20U;

crypto::Sha256Digest hash_of(File& file) {
    crypto::Sha256 hash;
    Bytes piece(piece_size);
    std::uint64_t offset = 0;
    for (;;) {
        const auto got = file.read_at(offset, piece);
        if (got == 0) return hash.digest();
        hash.update(BytesView(piece).first(got));
        offset += got;
    }
}

}  // namespace

RecordingReader::RecordingReader(Disk& disk, std::string folder, const ConnectionId& connection)
    : disk_(&disk),
      folder_(std::move(folder)),
      connection_(connection),
      info_{connection, {}, {}, {}, {}, {}, {}} {}

Result<RecordingReader> RecordingReader::open(
    Disk& disk, const std::string& root, const ConnectionId& connection, const keys::KeyRing& keys
) {
    RecordingReader reader(disk, root + "/" + folder_of(connection), connection);
    const auto names = disk.list(reader.folder_);
    if (names.empty()) return refuse(Refusal::not_found, "recording.missing");
    for (const auto& name : names) {
        if (name.ends_with(".segment")) ++reader.segments_;
    }
    reader.read_manifest();
    reader.read_key(keys);
    return reader;
}

void RecordingReader::read_manifest() {
    const auto path = folder_ + "/" + std::string(manifest_name);
    if (!disk_->exists(path)) return;
    report_.sealed = true;
    const auto bytes = read_file(*disk_, path, manifest_size_max);
    const auto root = crypto::sha256(bytes);
    report_.root_hash.assign(root.begin(), root.end());
    auto manifest = parse_manifest(as_text(bytes));
    if (!manifest || manifest->info.connection != connection_) {
        note("manifest.malformed");
        return;
    }
    info_ = manifest->info;
    segments_ = static_cast<std::uint32_t>(manifest->segments.size());
    manifest_ = *std::move(manifest);
}

// The key is in the first record, and once more in the manifest.
void RecordingReader::read_key(const keys::KeyRing& keys) {
    Bytes wrapped = manifest_ ? manifest_->wrapped_key : Bytes{};
    const auto first = folder_ + "/" + segment_name(1);
    if (disk_->exists(first)) {
        const auto file = disk_->open(first, OpenMode::read);
        RecordScanner scanner(*file, segment_header_size);
        const auto record = scanner.next();
        if (record && *record && (*record)->head.type == RecordType::open) {
            if (const auto body = decode_open_body((*record)->body)) {
                if (wrapped.empty()) wrapped = body->wrapped_key;
                const auto info = parse_info(body->info_json);
                if (!manifest_ && info && info->connection == connection_) info_ = *info;
            }
        }
    }
    if (wrapped.empty()) {
        // A recording without frames never needed one.
        if (segments_ > 0) note("recording.no_key");
        return;
    }
    try {
        key_ = keys.unseal(keys::Purpose::recording_key, connection_.text(), wrapped);
    } catch (const Fault&) {
        note("recording.no_key");
    }
}

std::optional<ReadFrame> RecordingReader::next() {
    while (!finished_) {
        if (!scanner_ && !begin_segment()) continue;
        const auto record = scanner_->next();
        if (!record) {
            end_segment(&record.error());
            continue;
        }
        if (!*record) {
            end_segment(nullptr);
            continue;
        }
        if (auto frame = open_record(**record)) return frame;
    }
    return std::nullopt;
}

// False if there is no further segment, or it can't be read.
bool RecordingReader::begin_segment() {
    if (number_ >= segments_) {
        finish();
        return false;
    }
    ++number_;
    const auto path = folder_ + "/" + segment_name(number_);
    if (!disk_->exists(path)) {
        note("segment.missing");
        return false;
    }
    file_ = disk_->open(path, OpenMode::read);
    if (manifest_) check_segment_hash(*file_);
    Bytes bytes(segment_header_size);
    bytes.resize(file_->read_at(0, bytes));
    const auto header = decode_segment_header(bytes);
    if (!header || header->number != number_) {
        const bool being_begun =
            !manifest_ && number_ == segments_ && bytes.size() < segment_header_size;
        if (!being_begun) note("segment.malformed");
        return false;
    }
    if (header->connection != connection_) note("record.moved");
    scanner_ = std::make_unique<RecordScanner>(*file_, segment_header_size);
    return true;
}

void RecordingReader::check_segment_hash(File& file) {
    const auto& entry = manifest_->segments[number_ - 1];
    const bool same = entry.name == segment_name(number_) && entry.bytes == file.size() &&
                      entry.sha256 == hash_of(file);
    if (!same) note("segment.changed");
}

// Behind a record that can't be read, the rest of its segment can't be either.
void RecordingReader::end_segment(const Refusal* trouble) {
    const bool growing = !manifest_ && number_ == segments_;
    if (trouble != nullptr && !(growing && trouble->reason == "record.truncated")) {
        note("record.damaged", expected_);
    }
    scanner_.reset();
    file_.reset();
}

std::optional<ReadFrame> RecordingReader::open_record(const Record& record) {
    const auto& head = record.head;
    if (head.connection != connection_) {
        note("record.moved", head.sequence);
        return std::nullopt;
    }
    if (head.sequence < expected_) {
        note("record.out_of_order", head.sequence);
        return std::nullopt;
    }
    if (head.sequence > expected_) note("frame.missing", expected_);
    expected_ = head.sequence + 1;
    if (head.type == RecordType::open) return std::nullopt;
    if (!key_) return std::nullopt;  // said already

    std::optional<Bytes> bulk;
    if (head.type == RecordType::bulk) {
        bulk = bulk_bytes(record);
        if (!bulk) {
            note("bulk.changed", head.sequence);
            return std::nullopt;
        }
    }
    auto frame = recording::open_frame(*key_, record, bulk ? BytesView(*bulk) : record.body);
    if (!frame) {
        note("frame.not_authentic", head.sequence);
        return std::nullopt;
    }
    ++report_.frames;
    report_.bytes += frame->payload.size();
    ended_ = frame->kind == FrameKind::end;
    return ReadFrame{head.sequence, *std::move(frame)};
}

std::optional<Bytes> RecordingReader::bulk_bytes(const Record& record) {
    const auto body = decode_bulk_body(record.body);
    if (!body) return std::nullopt;
    const auto path = folder_ + "/" + std::string(bulk_name);
    if (!bulk_) {
        if (!disk_->exists(path)) return std::nullopt;
        bulk_ = disk_->open(path, OpenMode::read);
    }
    Bytes bytes(static_cast<std::size_t>(body->size));
    const auto got = bulk_->read_at(body->offset, bytes);
    if (got != bytes.size() || crypto::sha256(bytes) != body->digest) return std::nullopt;
    return bytes;
}

void RecordingReader::seek(Time at) {
    // The last segment that begins at or before `at`; without a usable index, from its beginning.
    for (auto number = segments_; number >= 1; --number) {
        std::optional<IndexEntry> start;
        const auto path = folder_ + "/" + index_name(number);
        if (disk_->exists(path)) {
            if (const auto index = decode_index(read_file(*disk_, path, index_size_max))) {
                for (const auto& entry : *index) {
                    if (entry.at <= at) start = entry;
                }
            }
        }
        if (!start && number > 1) continue;
        sought_ = true;
        finished_ = false;
        scanner_.reset();
        number_ = number - 1;
        if (!begin_segment()) return;
        if (start) scanner_ = std::make_unique<RecordScanner>(*file_, start->offset);
        expected_ = start ? start->sequence : 0;
        return;
    }
}

void RecordingReader::finish() {
    finished_ = true;
    if (!manifest_ || sought_) return;
    if (!manifest_->interrupted && !ended_) note("end.missing", expected_);
    for (const auto& gap : manifest_->gaps) {
        // A hole in the middle was met on the way; one at the end can only be told.
        if (gap.to == 0) note("frame.missing", gap.from);
    }
    if (manifest_->frames != report_.frames && report_.whole()) note("frame.missing", expected_);
}

void RecordingReader::note(std::string_view what, std::uint64_t sequence) {
    if (report_.problems.size() >= IntegrityReport::problems_max) return;
    report_.problems.push_back(
        {std::string(what),
         number_ == 0 ? std::string(manifest_name) : segment_name(number_),
         scanner_ ? scanner_->offset() : 0,
         sequence}
    );
}

IntegrityReport verify_recording(
    Disk& disk,
    const std::string& root,
    const ConnectionId& connection,
    const keys::KeyRing& keys,
    BytesView sealed_root
) {
    auto reader = RecordingReader::open(disk, root, connection, keys);
    if (!reader) {
        IntegrityReport report;
        report.problems.push_back({.what = "recording.missing", .file = {}});
        return report;
    }
    while (reader->next()) {
    }
    auto report = reader->report();
    if (!sealed_root.empty() && !std::ranges::equal(sealed_root, report.root_hash)) {
        const std::string what = report.sealed ? "manifest.changed" : "manifest.missing";
        report.problems.insert(
            report.problems.begin(), {.what = what, .file = std::string(manifest_name)}
        );
    }
    return report;
}

}  // namespace sallyport::recording
