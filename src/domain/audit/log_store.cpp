#include "domain/audit/log_store.h"

#include "base/core/fault.h"
#include "domain/audit/tiles.h"

#include <algorithm>
#include <utility>

namespace sallyport::audit {

namespace {

Bytes bytes_of(const Hash& hash) {
    return {hash.begin(), hash.end()};
}

Bytes bytes_of(const std::vector<Hash>& hashes) {
    Bytes bytes;
    for (const auto& hash : hashes) {
        bytes.insert(bytes.end(), hash.begin(), hash.end());
    }
    return bytes;
}

std::int64_t signed_size(std::uint64_t size) {
    return static_cast<std::int64_t>(size);
}

LogHead head_of(const store::Row& row) {
    LogHead head;
    const auto& subtrees = row.blob(1);
    auto hashes = subtrees.empty() ? std::vector<Hash>() : parse_tile(subtrees).value();
    auto tree = GrowingTree::restore(static_cast<std::uint64_t>(row.integer(0)), std::move(hashes));
    const auto& root = row.blob(2);
    if (!tree || root.size() != head.root.size()) throw Fault("the log's head is malformed");
    head.tree = *std::move(tree);
    std::ranges::copy(root, head.root.begin());
    head.epoch = row.integer(3);
    if (head.tree.root() != head.root) throw Fault("the log's head does not match its own root");
    return head;
}

void write_head(store::Tx& tx, const LogHead& head) {
    tx.execute(
        "UPDATE audit_log_head SET size = ?, subtrees = ?, root = ? WHERE id = 1 AND epoch = ?",
        {signed_size(head.tree.size()),
         bytes_of(head.tree.subtrees()),
         bytes_of(head.root),
         head.epoch}
    );
}

}  // namespace

std::optional<LogHead> read_head(store::Tx& tx) {
    const auto rows =
        tx.query("SELECT size, subtrees, root, epoch FROM audit_log_head WHERE id = 1");
    if (rows.empty()) return std::nullopt;
    return head_of(rows.front());
}

LogHead take_over(store::Tx& tx) {
    tx.execute(
        "INSERT INTO audit_log_head (id, size, subtrees, root, epoch) VALUES (1, 0, ?, ?, 0) "
        "ON CONFLICT (id) DO NOTHING",
        {Bytes(), bytes_of(empty_root())}
    );
    tx.execute("UPDATE audit_log_head SET epoch = epoch + 1 WHERE id = 1");
    return read_head(tx).value();
}

std::optional<LogHead> number_rows(store::Tx& tx, std::int64_t epoch, std::size_t count_max) {
    // The update takes the row's lock, so that of two sequencers one waits and then finds its
    // epoch gone.
    const auto held =
        tx.execute("UPDATE audit_log_head SET epoch = epoch WHERE id = 1 AND epoch = ?", {epoch});
    if (held != 1) return std::nullopt;
    auto head = read_head(tx).value();

    const auto rows = tx.query(
        "SELECT seq, leaf FROM audit_event WHERE leaf_index IS NULL ORDER BY seq LIMIT ?",
        {static_cast<std::int64_t>(count_max)}
    );
    if (rows.empty()) return head;
    const auto numbered = tx.execute(
        "UPDATE audit_event SET leaf_index = CAST(? AS BIGINT) + fresh.place FROM "
        "(SELECT seq AS numbered, row_number() OVER (ORDER BY seq) - 1 AS place FROM audit_event "
        "WHERE leaf_index IS NULL AND seq <= ?) AS fresh WHERE audit_event.seq = fresh.numbered",
        {signed_size(head.tree.size()), rows.back().integer(0)}
    );
    if (numbered != static_cast<std::int64_t>(rows.size())) {
        throw Fault("the log's rows changed while they were numbered");
    }
    for (const auto& row : rows) {
        head.tree.append(leaf_hash(row.blob(1)));
    }
    head.root = head.tree.root();
    write_head(tx, head);
    return head;
}

bool has_unnumbered(store::Tx& tx) {
    return !tx.query("SELECT 1 FROM audit_event WHERE leaf_index IS NULL LIMIT 1").empty();
}

std::uint64_t count_unnumbered(store::Tx& tx) {
    const auto rows = tx.query("SELECT COUNT(*) FROM audit_event WHERE leaf_index IS NULL");
    return static_cast<std::uint64_t>(rows.front().integer(0));
}

std::uint64_t numbered_end(store::Tx& tx) {
    const auto rows = tx.query("SELECT MAX(leaf_index) FROM audit_event WHERE leaf_index >= 0");
    return static_cast<std::uint64_t>(rows.front().maybe_integer(0).value_or(-1) + 1);
}

std::vector<Bytes> read_leaves(store::Tx& tx, std::uint64_t first, std::uint64_t end) {
    const auto rows = tx.query(
        "SELECT leaf_index, leaf FROM audit_event WHERE leaf_index >= ? AND leaf_index < ? "
        "ORDER BY leaf_index",
        {signed_size(first), signed_size(end)}
    );
    std::vector<Bytes> leaves;
    for (const auto& row : rows) {
        if (row.integer(0) != signed_size(first + leaves.size())) break;
        leaves.push_back(row.blob(1));
    }
    return leaves;
}

}  // namespace sallyport::audit
