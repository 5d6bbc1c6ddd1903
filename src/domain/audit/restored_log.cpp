#include "domain/audit/restored_log.h"

#include "base/core/fault.h"
#include "domain/audit/log_store.h"
#include "domain/audit/tiles.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace sallyport::audit {

namespace {

constexpr std::uint64_t leaves_at_once = 1024;

std::unexpected<Refusal> fork(const PublishedCheckpoint& known, std::uint64_t size) {
    return refuse(
        Refusal::conflict,
        "restored_log.fork",
        fmt::format(
            "{} is signed over {} events and has another root than the {} here",
            known.source,
            known.checkpoint.size,
            size
        )
    );
}

std::unexpected<Refusal> broken(std::string detail) {
    return refuse(Refusal::conflict, "restored_log.broken", std::move(detail));
}

// The leaves are bytes of the database's; nothing that it says about them is believed.
class Rebuilt {
public:
    Rebuilt(store::Database& database, std::vector<PublishedCheckpoint> checkpoints)
        : database_(database), checkpoints_(std::move(checkpoints)) {
        std::ranges::sort(checkpoints_, {}, size_of);
        next_ = checkpoints_.begin();
    }

    // Up to `end` events; each checkpoint on the way is held against the root.
    [[nodiscard]] Result<void> grow(std::uint64_t end) {
        SP_CHECK(meet());
        while (tree_.size() < end) {
            const auto first = tree_.size();
            const auto leaves = database_.read([&](store::Tx& tx) {
                return read_leaves(tx, first, std::min(end, first + leaves_at_once));
            });
            if (leaves.empty()) return broken(fmt::format("there is no event {}", first));
            for (const auto& leaf : leaves) {
                tree_.append(leaf_hash(leaf));
                SP_CHECK(meet());
            }
        }
        return {};
    }

    [[nodiscard]] const GrowingTree& tree() const { return tree_; }

    // Those over more events.
    [[nodiscard]] std::vector<PublishedCheckpoint> beyond() const {
        return {next_, checkpoints_.end()};
    }

private:
    static std::uint64_t size_of(const PublishedCheckpoint& known) { return known.checkpoint.size; }

    [[nodiscard]] Result<void> meet() {
        for (; next_ != checkpoints_.end() && size_of(*next_) == tree_.size(); ++next_) {
            if (next_->checkpoint.root != tree_.root()) return fork(*next_, tree_.size());
        }
        return {};
    }

    store::Database& database_;
    std::vector<PublishedCheckpoint> checkpoints_;
    std::vector<PublishedCheckpoint>::const_iterator next_;
    GrowingTree tree_;
};

// The root that the log had over its first `size` events, as its tiles show it: they must link it
// to the signed root of `later`, so that wrong tiles show nothing. None if they are gone or
// changed.
std::optional<Hash> shown_root(
    const LogFiles& published,
    std::uint64_t published_size,
    std::uint64_t size,
    const Checkpoint& later
) {
    try {
        // The tiles at the right edge are there for the newest size alone.
        const auto nodes = tile_nodes(published, std::max(published_size, later.size));
        const auto root = root_of(size, nodes);
        const auto proof = consistency_proof(size, later.size, nodes);
        const auto linked = verify_consistency(size, later.size, proof, root, later.root);
        return linked ? std::optional(root) : std::nullopt;
    } catch (const Fault&) {
        return std::nullopt;
    }
}

}  // namespace

Result<std::vector<PublishedCheckpoint>> published_checkpoints(
    const LogFiles& folder, const std::string& path, const KeyChain& chain
) {
    std::vector<PublishedCheckpoint> found;
    for (const auto& name : folder.names("")) {
        if (name != "checkpoint" && !name.ends_with(".checkpoint")) continue;
        const auto note = folder.read(name);
        if (!note) continue;
        const auto source = path + '/' + name;
        const auto checkpoint = chain.open(as_text(*note));
        if (!checkpoint) return refuse(Refusal::denied, "checkpoint.forged", source);
        found.push_back({source, *checkpoint});
    }
    return found;
}

Result<RestoredLog> check_restored_log(
    store::Database& database,
    const std::vector<PublishedCheckpoint>& checkpoints,
    const LogFiles& published,
    std::uint64_t published_size
) {
    RestoredLog log;
    const auto head = database.read([&](store::Tx& tx) {
        log.size = numbered_end(tx);
        return read_head(tx);
    });
    Rebuilt rebuilt(database, checkpoints);
    SP_CHECK(rebuilt.grow(log.size));
    const bool as_its_head =
        head ? head->tree.size() == log.size && head->root == rebuilt.tree().root() : log.size == 0;
    if (!as_its_head) return broken("the database's own head does not match its events");

    for (const auto& [source, checkpoint] : checkpoints) {
        log.known = std::max(log.known, checkpoint.size);
    }
    if (log.size == 0) return log;  // the beginning of any log
    for (const auto& known : rebuilt.beyond()) {
        const auto root = shown_root(published, published_size, log.size, known.checkpoint);
        if (root && *root != rebuilt.tree().root()) return fork(known, log.size);
        if (root) continue;
        log.unproven.push_back(known.source);
    }
    return log;
}

}  // namespace sallyport::audit
