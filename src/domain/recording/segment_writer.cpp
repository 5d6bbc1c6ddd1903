#include "domain/recording/segment_writer.h"

#include "base/core/log.h"

#include <algorithm>

namespace sallyport::recording {
namespace {

constexpr std::size_t buffer_size_max = 64U << 10U;

// The folders above a recording's own, outermost first.
std::vector<std::string> folders_above(const std::string& root, const ConnectionId& connection) {
    const auto inner = folder_of(connection);
    return {root, root + "/" + inner.substr(0, 4), root + "/" + inner.substr(0, 7)};
}

std::string mark_of(const std::string& root, const ConnectionId& connection) {
    return root + "/" + std::string(open_folder_name) + "/" + connection.text();
}

void hash_range(crypto::Sha256& hash, File& file, std::uint64_t from, std::uint64_t to) {
    Bytes piece(buffer_size_max);
    while (from < to) {
        const auto want = std::min<std::uint64_t>(piece.size(), to - from);
        const auto got = file.read_at(from, std::span(piece).first(static_cast<std::size_t>(want)));
        if (got == 0) throw DiskFault("a segment is shorter than it was");
        hash.update(BytesView(piece).first(got));
        from += got;
    }
}

}  // namespace

void make_recording_folder(Disk& disk, const std::string& root, const ConnectionId& connection) {
    for (const auto& folder : folders_above(root, connection)) {
        disk.make_folder(folder);
    }
    disk.make_folder(root + "/" + folder_of(connection));
    disk.make_folder(root + "/" + std::string(open_folder_name));
    (void)disk.open(mark_of(root, connection), OpenMode::write);
}

void sync_recording_folder(Disk& disk, const std::string& root, const ConnectionId& connection) {
    disk.sync_folder(root + "/" + folder_of(connection));
    const auto above = folders_above(root, connection);
    for (auto folder = above.rbegin(); folder != above.rend(); ++folder) {
        disk.sync_folder(*folder);
    }
    disk.sync_folder(root + "/" + std::string(open_folder_name));
}

SegmentWriter::SegmentWriter(
    Disk& disk, std::string root, ConnectionId connection, SegmentLimits limits
)
    : disk_(disk),
      root_(std::move(root)),
      folder_(root_ + "/" + folder_of(connection)),
      connection_(connection),
      limits_(limits),
      manifest_{
          .info = {connection, {}, {}, {}, {}, {}, {}},
          .cause = {},
          .closed_at = {},
          .wrapped_key = {},
          .segments = {},
          .gaps = {}
      } {
    resume();
}

void SegmentWriter::append(const Record& record) {
    if (sealed_ || record.head.sequence < next_) return;
    const bool goes_on = record.head.sequence == next_;
    if (torn_tail_ && goes_on) {
        // The record that was being written when we stopped; here it is again.
        file_->truncate(offset_);
        torn_tail_ = false;
    }
    const auto size_after = offset_ + buffer_.size() + record.whole.size();
    const bool too_old = record.head.at - segment_began_ >= limits_.age_max;
    if (file_ && (torn_tail_ || size_after > limits_.bytes_max || too_old)) finish_segment();
    if (!file_) begin_segment(record.head.at);
    if (buffer_.size() + record.whole.size() > buffer_size_max) flush();

    note(record, offset_ + buffer_.size());
    buffer_.insert(buffer_.end(), record.whole.begin(), record.whole.end());
    dirty_ = true;
}

void SegmentWriter::flush() {
    if (buffer_.empty()) return;
    file_->write_at(offset_, buffer_);
    hash_->update(buffer_);
    offset_ += buffer_.size();
    // Recordings that pause give their memory back.
    Bytes().swap(buffer_);
}

void SegmentWriter::sync() {
    flush();
    if (!dirty_) return;
    if (file_) file_->sync();
    if (folders_dirty_) sync_recording_folder(disk_, root_, connection_);
    folders_dirty_ = false;
    dirty_ = false;
}

SealedFolder SegmentWriter::seal(const Ending& ending, bool tail_unknown) {
    if (file_) finish_segment();
    if (manifest_.segments.empty()) {
        make_recording_folder(disk_, root_, connection_);
        folders_dirty_ = true;
    }
    auto manifest = manifest_;
    manifest.interrupted = ending.interrupted;
    manifest.cause = ending.cause;
    manifest.closed_at = ending.at;
    manifest.bulk_bytes = bulk_end_;
    if (tail_unknown) manifest.gaps.push_back({next_, 0});
    if (bulk_end_ > 0 || disk_.exists(folder_ + "/" + std::string(bulk_name))) {
        // Bytes whose record never became durable belong to no frame.
        const auto bulk = disk_.open(folder_ + "/" + std::string(bulk_name), OpenMode::write);
        if (bulk->size() > bulk_end_) bulk->truncate(bulk_end_);
        bulk->sync();
    }
    const auto json = to_json(manifest);
    if (folders_dirty_) sync_recording_folder(disk_, root_, connection_);
    replace_file(disk_, folder_, std::string(manifest_name), as_bytes(json));
    disk_.remove(mark_of(root_, connection_));
    sealed_ = true;
    const auto root = crypto::sha256(as_bytes(json));
    return {Bytes(root.begin(), root.end()), std::move(manifest)};
}

void SegmentWriter::resume() {
    const auto names = disk_.list(folder_);
    const auto has = [&](std::string_view name) { return std::ranges::binary_search(names, name); };
    if (has(manifest_name)) {
        sealed_ = true;
        return;
    }
    std::uint32_t count = 0;
    while (has(segment_name(count + 1))) {
        ++count;
    }
    for (std::uint32_t number = 1; number <= count; ++number) {
        resume_segment(number, number == count);
    }
}

void SegmentWriter::resume_segment(std::uint32_t number, bool last) {
    number_ = number;
    file_ = disk_.open(folder_ + "/" + segment_name(number), OpenMode::write);
    segment_ = {.name = segment_name(number)};
    index_.clear();
    dirty_ = folders_dirty_ = true;

    Bytes header(segment_header_size);
    header.resize(file_->read_at(0, header));
    const auto decoded = decode_segment_header(header);
    // Made, but its first write never arrived: begun anew by whoever appends next.
    const bool never_begun = std::ranges::all_of(header, [](auto b) { return b == std::byte{0}; });
    if (!decoded || decoded->connection != connection_ || decoded->number != number) {
        offset_ = 0;
        torn_tail_ = true;
    } else {
        offset_ = segment_header_size;
        RecordScanner scanner(*file_, offset_);
        for (auto record = scanner.next(); record && *record; record = scanner.next()) {
            if ((*record)->head.connection != connection_) break;
            if ((*record)->head.sequence < next_) break;
            if (offset_ == segment_header_size) segment_began_ = (*record)->head.at;
            note(**record, offset_);
            offset_ = scanner.offset();
        }
        torn_tail_ = file_->size() > offset_;
    }
    hash_ = std::make_unique<crypto::Sha256>();
    hash_range(*hash_, *file_, 0, offset_);
    if (!last) finish_segment();
    if (last && never_begun) {
        file_.reset();
        --number_;
        torn_tail_ = false;
    }
}

void SegmentWriter::note(const Record& record, std::uint64_t offset) {
    const auto& head = record.head;
    if (head.sequence > next_) manifest_.gaps.push_back({next_, head.sequence - 1});
    next_ = head.sequence + 1;
    last_at_ = head.at;
    if (head.type == RecordType::open) {
        if (auto body = decode_open_body(record.body)) {
            manifest_.wrapped_key = body->wrapped_key;
            if (auto info = parse_info(body->info_json)) manifest_.info = *info;
        }
    } else {
        ++manifest_.frames;
        ++segment_.frames;
        if (segment_.first == 0) segment_.first = head.sequence;
        segment_.last = head.sequence;
    }
    if (head.type == RecordType::bulk) {
        if (const auto body = decode_bulk_body(record.body)) bulk_end_ = body->offset + body->size;
    }
    if (head.kind == static_cast<std::uint8_t>(FrameKind::exchange_begin)) ++manifest_.exchanges;
    if (head.kind == static_cast<std::uint8_t>(FrameKind::end)) {
        end_record_ = Bytes(record.whole.begin(), record.whole.end());
    }
    if (index_.empty() || offset - index_.back().offset >= index_distance) {
        index_.push_back({head.sequence, head.at, offset});
    }
}

void SegmentWriter::begin_segment(Time at) {
    make_recording_folder(disk_, root_, connection_);
    const auto number = number_ + 1;
    auto file = disk_.open(folder_ + "/" + segment_name(number), OpenMode::write);
    file->truncate(0);
    file_ = std::move(file);
    number_ = number;
    segment_ = {.name = segment_name(number)};
    offset_ = 0;
    buffer_ = encode_segment_header({number, connection_});
    hash_ = std::make_unique<crypto::Sha256>();
    index_.clear();
    segment_began_ = at;
    folders_dirty_ = true;
    dirty_ = true;
}

void SegmentWriter::finish_segment() {
    flush();
    if (torn_tail_) {
        log::error(
            "a segment holds bytes that are no record",
            {{"recording", connection_.text()}, {"segment", segment_.name}}
        );
        const auto size = file_->size();
        hash_range(*hash_, *file_, offset_, size);
        offset_ = size;
        torn_tail_ = false;
    }
    file_->sync();
    replace_file(disk_, folder_, index_name(number_), encode_index(index_));
    segment_.bytes = offset_;
    segment_.sha256 = hash_->digest();
    manifest_.segments.push_back(segment_);
    file_.reset();
    index_.clear();
}

}  // namespace sallyport::recording
