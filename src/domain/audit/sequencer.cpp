#include "domain/audit/sequencer.h"

#include "base/core/fault.h"
#include "base/core/log.h"
#include "domain/audit/log.h"

#include <algorithm>
#include <utility>

namespace sallyport::audit {

namespace {

constexpr std::uint64_t rows_at_once = 1024;
constexpr const char* checkpoint_file = "checkpoint";

Bytes bytes_of(std::string_view text) {
    const auto view = as_bytes(text);
    return {view.begin(), view.end()};
}

std::int64_t as_field(std::uint64_t size) {
    return static_cast<std::int64_t>(size);
}

}  // namespace

Sequencer::Sequencer(LogSigner signer, LogFiles& files, LogFiles* anchors, Settings settings)
    : signer_(std::move(signer)),
      files_(files),
      anchors_(anchors),
      settings_(std::move(settings)) {}

// ---- start: does what was published still hold? ------------------------------------------------

LogStatus Sequencer::start(store::Database& database, const Moment& moment) {
    status_ = {};
    expected_.clear();
    published_.reset();
    writer_.reset();
    head_ = database.write([](store::Tx& tx) { return take_over(tx); });
    epoch_ = head_.epoch;
    status_.size = head_.tree.size();

    if (check_published(database)) {
        status_.state = LogState::healthy;
        publish_verifier_key(files_, signer_.key);
        tell_lost_anchor(database, moment);
        step(database, moment);
    }
    if (status_.state == LogState::read_only) log_broken(database, moment);
    return status_;
}

// Always false, so that a check can end with it.
bool Sequencer::broken(std::string reason, std::uint64_t first_bad) {
    status_.state = LogState::read_only;
    status_.reason = std::move(reason);
    first_bad_ = first_bad;
    log::error(
        "the audit log does not hold; nothing new may happen until somebody has looked",
        {{"reason", status_.reason}, {"first_bad", as_field(first_bad)}}
    );
    return false;
}

bool Sequencer::check_published(store::Database& database) {
    const auto size = head_.tree.size();
    const auto end = database.read([](store::Tx& tx) { return numbered_end(tx); });
    if (end != size) return broken("audit.head_differs", std::min(end, size));
    expected_[size] = {head_.root, "audit.head_differs"};

    const auto chain = KeyChain::read(files_, signer_.key);
    if (!chain) return broken("audit.key_chain", 0);
    // What it signs from here on would count for nothing.
    if (chain->newest() != signer_.key) return broken("audit.key_retired", 0);
    const auto note = files_.read(checkpoint_file);
    if (note) {
        const auto checkpoint = chain->open(as_text(*note));
        if (!checkpoint) return broken("audit.checkpoint_forged", 0);
        published_ = *checkpoint;
        status_.published = checkpoint->size;
        note_ = as_text(*note);
        if (size < checkpoint->size) return broken("audit.database_behind", size);

        auto writer = TileWriter::resume(files_, checkpoint->size);
        if (!writer) return broken("audit.files_incomplete", checkpoint->size);
        if (writer->tree().root() != checkpoint->root) {
            return broken("audit.files_differ", checkpoint->size);
        }
        if (size == checkpoint->size && head_.root != checkpoint->root) {
            return broken("audit.database_differs", size);
        }
        if (!check_last_row(database, *checkpoint)) return false;
        writer_ = *std::move(writer);
    }
    return check_anchor(*chain);
}

// One row says little about the others (that is what `verify` is for), but a database that was
// put back and has grown again since shows here.
bool Sequencer::check_last_row(store::Database& database, const Checkpoint& published) {
    if (published.size == 0) return true;
    const auto last = published.size - 1;
    const auto rows =
        database.read([&](store::Tx& tx) { return read_leaves(tx, last, published.size); });
    const auto hash = tile_nodes(files_, published.size)(0, last);
    if (rows.size() == 1 && leaf_hash(rows.front()) == hash) return true;
    return broken("audit.database_differs", last);
}

bool Sequencer::check_anchor(const KeyChain& chain) {
    if (anchors_ == nullptr) return true;
    const auto note = anchors_->read(checkpoint_file);
    if (!note) return true;
    const auto opened = chain.open(as_text(*note));
    if (!opened) return broken("audit.anchor_differs", 0);
    const auto& anchor = *opened;
    const auto size = head_.tree.size();
    if (anchor.size > size) return broken("audit.database_behind", size);
    const auto published = published_ ? published_->size : 0;
    if (anchor.size > published) {
        // Files were put back or are gone. They are written again from the database, which must
        // come by what the anchor says.
        expected_.try_emplace(anchor.size, anchor.root, "audit.anchor_differs");
        return true;
    }
    if (anchor.size == 0) return true;
    const auto proof = consistency_proof(anchor.size, published, tile_nodes(files_, published));
    const auto& root = published_->root;
    if (verify_consistency(anchor.size, published, proof, anchor.root, root)) return true;
    return broken("audit.anchor_differs", anchor.size);
}

void Sequencer::log_broken(store::Database& database, const Moment& moment) {
    auto event = event_by(system_actor("sequencer"), "audit.chain_broken", "compare", "audit:log");
    event.outcome = Outcome::failed;
    event.reason = status_.reason;
    event.fields.push_back({"first_bad_seq", as_field(first_bad_)});
    event.fields.push_back({"kind", status_.reason});
    database.write([&](store::Tx& tx) { append(tx, moment, event); });
}

// An anchor that was written and is not there any more: a folder that was not mounted, or somebody
// who put an old log back and took away what would show it. Work goes on; the log says so.
void Sequencer::tell_lost_anchor(store::Database& database, const Moment& moment) {
    if (anchors_ == nullptr || anchors_->read(checkpoint_file)) return;
    const auto written = database.read([](store::Tx& tx) {
        return tx.query(
            "SELECT seq FROM audit_event "
            "WHERE object = 'audit:log' AND type = 'audit.anchor' AND outcome = 'success' LIMIT 1"
        );
    });
    if (written.empty()) return;
    log::error(
        "the anchor folder holds no checkpoint, though some were written: is it mounted? See "
        "docs/operations.md, anchors",
        {{"target", settings_.anchor_target}}
    );
    auto event = event_by(system_actor("sequencer"), "audit.anchor", "anchor", "audit:log");
    event.outcome = Outcome::failed;
    event.reason = "audit.anchor_missing";
    event.fields.push_back({"seq", as_field(head_.tree.size())});
    event.fields.push_back({"root", to_hex(head_.root)});
    event.fields.push_back({"target", settings_.anchor_target});
    database.write([&](store::Tx& tx) { append(tx, moment, event); });
}

// ---- every step --------------------------------------------------------------------------------

LogStatus Sequencer::step(store::Database& database, const Moment& moment) {
    if (status_.state != LogState::healthy) return status_;
    number(database);
    if (status_.state == LogState::healthy) publish(database);
    if (status_.state == LogState::healthy) anchor(database, moment);
    if (status_.state == LogState::read_only) log_broken(database, moment);
    return status_;
}

void Sequencer::number(store::Database& database) {
    for (std::size_t done = 0; done < settings_.step_max; done += settings_.batch_max) {
        if (!database.read([](store::Tx& tx) { return has_unnumbered(tx); })) return;
        auto head = database.write([&](store::Tx& tx) {
            return number_rows(tx, epoch_, settings_.batch_max);
        });
        if (!head) {
            status_.state = LogState::superseded;
            status_.reason = "audit.superseded";
            log::warning("another sequencer numbers the audit log now");
            return;
        }
        head_ = *std::move(head);
        status_.size = head_.tree.size();
        expected_[status_.size] = {head_.root, "audit.head_differs"};
    }
}

void Sequencer::publish(store::Database& database) {
    const auto published = published_ ? published_->size : 0;
    const auto size = head_.tree.size();
    if (published_ && published == size) return;
    if (!writer_) {
        auto writer = TileWriter::resume(files_, published);
        if (!writer) {
            broken("audit.files_incomplete", published);
            return;
        }
        writer_ = *std::move(writer);
    }
    // If anything throws, the next step resumes from what is durable.
    try {
        if (publish_rows(database, std::min(size, writer_->tree().size() + settings_.step_max)) &&
            writer_->tree().size() == size) {
            publish_checkpoint();
        }
    } catch (...) {
        writer_.reset();
        throw;
    }
}

// Appends the rows up to `end` and writes their files. False if a row is not what was numbered.
bool Sequencer::publish_rows(store::Database& database, std::uint64_t end) {
    while (writer_->tree().size() < end) {
        const auto first = writer_->tree().size();
        const auto upto = std::min(end, first + rows_at_once);
        const auto leaves =
            database.read([&](store::Tx& tx) { return read_leaves(tx, first, upto); });
        if (leaves.size() != upto - first) {
            return broken("audit.database_differs", first + leaves.size());
        }
        for (const auto& leaf : leaves) {
            writer_->append(leaf);
            const auto expected = expected_.find(writer_->tree().size());
            if (expected != expected_.end() && expected->second.first != writer_->tree().root()) {
                return broken(expected->second.second, first);
            }
        }
    }
    files_.write(writer_->take_files());
    return true;
}

void Sequencer::publish_checkpoint() {
    const Checkpoint checkpoint{signer_.key.name(), writer_->tree().size(), writer_->tree().root()};
    note_ = sign_checkpoint(checkpoint, signer_.key, signer_.secret);
    const LogFile file{checkpoint_file, bytes_of(note_)};
    files_.write({&file, 1});
    published_ = checkpoint;
    status_.published = checkpoint.size;
    expected_.clear();
    remove_partial_files();
}

// Whoever holds an older checkpoint may still ask for its partial files, and takes the full one in
// their place once it is there (C2SP tlog-tiles): only then they go.
void Sequencer::remove_partial_files() {
    for (const auto& folder : writer_->take_filled_folders()) {
        for (const auto& name : files_.names(folder)) {
            files_.remove(std::string(folder).append("/").append(name));
        }
        files_.remove(folder);
    }
}

void Sequencer::anchor(store::Database& database, const Moment& moment) {
    if (anchors_ == nullptr || !published_ || published_->size == 0) return;
    const auto size = published_->size;
    const bool quiet = size == quiet_size_ || size == status_.anchored;
    const auto wait = quiet ? settings_.anchor_idle_every : settings_.anchor_every;
    if (anchored_at_ && moment.monotonic - *anchored_at_ < wait) return;
    anchored_at_ = moment.monotonic;

    bool done = true;
    const auto failing_already = !status_.anchor_fault.empty();
    try {
        const LogFile files[] = {
            {std::to_string(size) + ".checkpoint", bytes_of(note_)},
            {checkpoint_file, bytes_of(note_)},
        };
        anchors_->write(files);
        status_.anchored = size;
        status_.anchor_fault.clear();
    } catch (const Fault& fault) {
        done = false;
        status_.anchor_fault = fault.what();
        log::error("the checkpoint could not be anchored", {{"fault", status_.anchor_fault}});
    }
    if (done || !failing_already) tell_anchor(database, moment, done);
}

void Sequencer::tell_anchor(store::Database& database, const Moment& moment, bool done) {
    auto event = event_by(system_actor("sequencer"), "audit.anchor", "anchor", "audit:log");
    event.outcome = done ? Outcome::success : Outcome::failed;
    event.reason = done ? "ok" : "audit.anchor_failed";
    event.fields.push_back({"seq", as_field(published_->size)});
    event.fields.push_back({"root", to_hex(published_->root)});
    event.fields.push_back({"target", settings_.anchor_target});
    database.write([&](store::Tx& tx) { append(tx, moment, event); });
    quiet_size_ = published_->size + 1;
}

}  // namespace sallyport::audit
