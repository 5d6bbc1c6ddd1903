#include "domain/audit/verify.h"

#include "domain/audit/key_chain.h"
#include "domain/audit/log_store.h"
#include "domain/audit/tiles.h"
#include "domain/audit/verify_entries.h"
#include "domain/audit/verify_rows.h"

#include <algorithm>
#include <future>
#include <iterator>
#include <map>
#include <span>
#include <utility>

namespace sallyport::audit {

namespace {

constexpr std::uint64_t bundles_at_once = 32;
constexpr std::size_t mismatches_max = 4096;

std::string trimmed(BytesView bytes) {
    std::string text(as_text(bytes));
    while (text.ends_with('\n')) {
        text.pop_back();
    }
    return text;
}

// Runs `work(i)` for i in [0, count) on up to `threads` threads; the results are in order.
template <class Work>
auto in_parallel(std::uint64_t count, unsigned threads, Work work) {
    std::vector<std::invoke_result_t<Work&, std::uint64_t>> results(count);
    const auto strand = [&](std::uint64_t start) {
        for (auto i = start; i < count; i += threads) {
            results[i] = work(i);
        }
    };
    std::vector<std::future<void>> others;
    for (unsigned thread = 1; thread < threads && thread < count; ++thread) {
        others.push_back(std::async(std::launch::async, strand, thread));
    }
    strand(0);
    for (auto& other : others) {
        other.get();
    }
    return results;
}

class Verifier {
public:
    explicit Verifier(const VerifyInputs& inputs)
        : inputs_(inputs), threads_(std::max(1U, inputs.threads)) {}

    VerifyReport run() && {
        report_.with_database = inputs_.database != nullptr;
        if (open_keys()) {
            open_checkpoint_file();
            open_anchors();
            if (inputs_.database != nullptr) ask_database();
            walk();
            check_tiles_at_end();
            judge_roots();
            if (inputs_.database != nullptr) check_rows_after();
        }
        explain(entry_mismatches_, "entry", findings_);
        explain(row_mismatches_, "row", findings_);
        report_.findings_total = findings_.total();
        report_.findings = std::move(findings_).take();
        return std::move(report_);
    }

private:
    // A root that somebody signed.
    struct Signed {
        Hash root;
        std::string source;
        bool matches = false;
        bool met = false;
    };

    // ---- what is claimed ----

    bool open_keys() {
        auto trusted = inputs_.trusted;
        report_.key_was_given = trusted.has_value();
        if (!trusted) {
            const auto text = inputs_.log->read("vkey");
            const auto key = text ? VerifierKey::parse(trimmed(*text))
                                  : Result<VerifierKey>(refuse(Refusal::not_found, "vkey"));
            if (!key) {
                findings_.add("key_missing", std::nullopt, "the log's folder has no good vkey");
                return false;
            }
            trusted = *key;
        }
        report_.origin = trusted->name();
        auto chain = KeyChain::read(*inputs_.log, *trusted);
        if (!chain) {
            const auto& refusal = chain.error();
            findings_.add(
                "key_chain_broken", std::nullopt, std::string(refusal.reason) + " " + refusal.detail
            );
            return false;
        }
        chain_ = *std::move(chain);
        return true;
    }

    std::optional<Checkpoint> opened(std::string_view note, const std::string& source) {
        const auto checkpoint = chain_->open(note);
        if (!checkpoint) {
            findings_.add(
                "checkpoint_forged",
                std::nullopt,
                source + ": " + std::string(checkpoint.error().reason)
            );
            return std::nullopt;
        }
        return *checkpoint;
    }

    void open_checkpoint_file() {
        const auto note = inputs_.log->read("checkpoint");
        if (!note) {
            findings_.add("checkpoint_missing", std::nullopt, "the log's folder has no checkpoint");
            return;
        }
        const auto checkpoint = opened(as_text(*note), "checkpoint");
        if (!checkpoint) return;
        report_.size = checkpoint->size;
        signed_.emplace(checkpoint->size, Signed{checkpoint->root, "checkpoint"});
    }

    void open_anchors() {
        for (const auto& note : inputs_.anchor_notes) {
            add_anchor("anchor given", note);
        }
        if (inputs_.anchors != nullptr) {
            for (const auto& name : inputs_.anchors->names("")) {
                if (name != "checkpoint" && !name.ends_with(".checkpoint")) continue;
                const auto note = inputs_.anchors->read(name);
                if (note) add_anchor("anchor " + name, as_text(*note));
            }
        }
        if (!report_.anchor_size || *report_.anchor_size <= report_.size) return;
        findings_.add(
            "rolled_back",
            report_.size,
            "an anchor knows " + std::to_string(*report_.anchor_size) +
                " events; the log ends before this one"
        );
    }

    void add_anchor(const std::string& source, std::string_view note) {
        const auto checkpoint = opened(note, source);
        if (!checkpoint) return;
        report_.anchor_size = std::max(report_.anchor_size.value_or(0), checkpoint->size);
        signed_.emplace(checkpoint->size, Signed{checkpoint->root, source});
    }

    void ask_database() {
        inputs_.database->read([this](store::Tx& tx) {
            rows_end_ = numbered_end(tx);
            head_ = read_head(tx);
            unnumbered_ = count_unnumbered(tx);
            misnumbered_ = count_misnumbered(tx);
        });
    }

    // ---- what is there ----

    void walk() {
        meet_root();
        const auto bundles = (report_.size + tile_width - 1) / tile_width;
        auto rows = fetch(0);
        for (std::uint64_t first = 0; first < bundles; first += bundles_at_once) {
            const auto count = std::min(bundles_at_once, bundles - first);
            const auto checked = in_parallel(count, threads_, [&](std::uint64_t i) {
                const auto width = width_of(0, first + i, report_.size);
                return check_bundle(*inputs_.log, first + i, width);
            });
            auto next = fetch(first + count);
            if (rows.valid()) compare_rows(rows.get(), checked);
            rows = std::move(next);
            for (const auto& bundle : checked) {
                absorb(bundle);
            }
        }
        if (rows.valid()) rows.wait();
        if (!tree_broken_) report_.root = to_hex(tree_.root());
    }

    // The database's rows for the bundles from `bundle` on, being read while others are hashed.
    std::future<RowStretch> fetch(std::uint64_t bundle) {
        const auto first = bundle * tile_width;
        const auto end =
            std::min(std::min(first + bundles_at_once * tile_width, report_.size), rows_end_);
        if (inputs_.database == nullptr || first >= end) return {};
        return std::async(std::launch::async, [this, first, end] {
            return inputs_.database->read([&](store::Tx& tx) {
                return read_stretch(tx, first, end);
            });
        });
    }

    void compare_rows(const RowStretch& stretch, std::span<const CheckedBundle> bundles) {
        auto results = in_parallel(bundles.size(), threads_, [&](std::uint64_t i) {
            return check_rows(stretch, bundles[i]);
        });
        for (auto& result : results) {
            report_.rows += result.rows;
            report_.personal += result.personal;
            report_.personal_erased += result.erased;
            take(result.findings);
            keep(row_mismatches_, result.mismatches);
        }
    }

    // A log that is wrong everywhere must not fill memory.
    static void keep(std::vector<Mismatch>& kept, const std::vector<Mismatch>& more) {
        const auto room = mismatches_max - std::min(mismatches_max, kept.size());
        std::ranges::copy(
            std::span(more).first(std::min(room, more.size())), std::back_inserter(kept)
        );
    }

    void take(const std::vector<Finding>& findings) {
        for (const auto& finding : findings) {
            findings_.add(finding.kind, finding.index, finding.detail);
        }
    }

    void absorb(const CheckedBundle& bundle) {
        take(bundle.findings);
        keep(entry_mismatches_, bundle.mismatches);
        const auto width = width_of(0, bundle.first / tile_width, report_.size);
        if (bundle.hashes.size() != width) tree_broken_ = true;
        if (tree_broken_) return;
        for (const auto& hash : bundle.hashes) {
            tree_.append(hash, [this](unsigned level, const Hash& node) {
                if (level > 0 && level % tile_height == 0) add_node(level / tile_height, node);
            });
            meet_root();
        }
    }

    void add_node(unsigned tile_level, const Hash& node) {
        auto& tile = tiles_[tile_level];
        tile.push_back(node);
        if (tile.size() < tile_width) return;
        check_tile(tile_level, tree_.size() >> (tile_height * (tile_level + 1)), tile);
        tile.clear();
    }

    void check_tile(unsigned level, std::uint64_t index, const std::vector<Hash>& wanted) {
        const auto path = tile_path(level, index, wanted.size());
        const auto leaves = [&](std::uint64_t place) {
            return (index * tile_width + place) << (tile_height * level);
        };
        const auto bytes = read_tile_file(*inputs_.log, level, index, wanted.size());
        if (!bytes) return findings_.add("tile_missing", leaves(0), path);
        const auto tile = parse_tile(*bytes);
        if (!tile || tile->size() != wanted.size()) {
            return findings_.add("tile_malformed", leaves(0), path);
        }
        const auto differs = std::ranges::mismatch(*tile, wanted).in1 - tile->begin();
        if (differs == std::ssize(wanted)) return;
        findings_.add("tile_changed", leaves(static_cast<std::uint64_t>(differs)), path);
    }

    void check_tiles_at_end() {
        if (tree_broken_) return;
        for (const auto& [level, tile] : tiles_) {
            if (tile.empty()) continue;
            check_tile(level, tree_.size() >> (tile_height * (level + 1)), tile);
        }
    }

    void meet_root() {
        const auto [from, to] = signed_.equal_range(tree_.size());
        if (from == to) return;
        const auto root = tree_.root();
        for (auto at = from; at != to; ++at) {
            at->second.met = true;
            at->second.matches = at->second.root == root;
            ++report_.checkpoints;
        }
    }

    // ---- what it means ----

    void judge_roots() {
        if (tree_broken_) return;
        std::uint64_t good = 0;
        bool told = false;
        for (const auto& [size, root] : signed_) {
            if (!root.met) continue;
            if (root.matches) {
                good = std::max(good, size);
            } else if (root.source != "checkpoint" || !told) {
                told = true;
                findings_.add(
                    root.source == "checkpoint" ? "root_mismatch" : "anchor_differs",
                    good,
                    root.source + " over " + std::to_string(size) + " events has another root: " +
                        "something from this event on is not what was signed"
                );
            }
        }
    }

    void check_rows_after() {
        if (rows_end_ < report_.size) {
            findings_.add(
                "tail_cut",
                rows_end_,
                "the database ends before this event; the log has " + std::to_string(report_.size)
            );
        }
        if (misnumbered_ > 0) {
            findings_.add(
                "row_misnumbered",
                std::nullopt,
                std::to_string(misnumbered_) + " rows have an impossible number"
            );
        }
        // Asked last: while the server runs, texts may have been erased since the start.
        const auto told =
            inputs_.database->read([](store::Tx& tx) { return count_told_erased(tx); });
        if (report_.personal_erased > told) {
            findings_.add(
                "personal_missing",
                std::nullopt,
                std::to_string(report_.personal_erased) +
                    " personal texts are gone; events tell of " + std::to_string(told)
            );
        }
        check_head();
        report_.uncovered = unnumbered_ + (std::max(rows_end_, report_.size) - report_.size);
    }

    // The rows that are numbered but not published yet are covered by the head alone.
    void check_head() {
        const auto size = head_ ? head_->tree.size() : 0;
        if (size != rows_end_) {
            findings_.add(
                "head_differs",
                std::min(size, rows_end_),
                "the database's head knows " + std::to_string(size) + " events, its rows are " +
                    std::to_string(rows_end_)
            );
            return;
        }
        if (tree_broken_ || tree_.size() > size) return;
        while (tree_.size() < size) {
            const auto first = tree_.size();
            const auto leaves = inputs_.database->read([&](store::Tx& tx) {
                return read_leaves(tx, first, std::min(size, first + 1024));
            });
            if (leaves.empty()) {
                return findings_.add(
                    "row_missing", first, "the database has no row for this event"
                );
            }
            for (const auto& leaf : leaves) {
                tree_.append(leaf_hash(leaf));
            }
        }
        if (head_ && tree_.root() != head_->root) {
            findings_.add(
                "head_differs", report_.size, "the database's head has another root than its rows"
            );
        }
    }

    const VerifyInputs& inputs_;
    unsigned threads_;
    VerifyReport report_;
    Findings findings_;
    std::optional<KeyChain> chain_;
    std::multimap<std::uint64_t, Signed> signed_;
    GrowingTree tree_;
    bool tree_broken_ = false;                     // something can't be read, so no root
    std::map<unsigned, std::vector<Hash>> tiles_;  // by level from 1 on: the tile that grows
    std::vector<Mismatch> entry_mismatches_;
    std::vector<Mismatch> row_mismatches_;
    std::optional<LogHead> head_;
    std::uint64_t rows_end_ = 0;
    std::uint64_t unnumbered_ = 0;
    std::uint64_t misnumbered_ = 0;
};

}  // namespace

VerifyReport verify(const VerifyInputs& inputs) {
    return Verifier(inputs).run();
}

}  // namespace sallyport::audit
