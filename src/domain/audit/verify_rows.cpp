#include "domain/audit/verify_rows.h"

#include "domain/audit/leaf.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <utility>

namespace sallyport::audit {

namespace {

// The columns after leaf_index, leaf and at_us, in this order. They are asked for in one text,
// since a million rows of sixteen values cost more than the hashing.
struct TextColumn {
    std::string_view name;
    std::string_view LeafColumns::* wanted;
};

constexpr std::array<TextColumn, 13> text_columns{{
    {"event_id", &LeafColumns::event_id},
    {"type", &LeafColumns::type},
    {"person_id", &LeafColumns::person},
    {"account_id", &LeafColumns::account},
    {"role", &LeafColumns::role},
    {"actor_system", &LeafColumns::system},
    {"session_id", &LeafColumns::session},
    {"grant_id", &LeafColumns::grant},
    {"action", &LeafColumns::action},
    {"object", &LeafColumns::object},
    {"outcome", &LeafColumns::outcome},
    {"reason", &LeafColumns::reason},
    {"amr", &LeafColumns::amr},
}};

// Between the columns of that text. A value may hold it too; then the text could be split in two
// ways, and the stretch is read again with each column on its own.
constexpr char separator = '\x1F';
constexpr std::size_t joined_column = 3;

std::uint64_t index_of(const store::Row& row) {
    return static_cast<std::uint64_t>(row.integer(0));
}

// The rows of `rows` (sorted) with an index in [first, end).
std::span<const store::Row> part(
    const std::vector<store::Row>& rows, std::uint64_t first, std::uint64_t end
) {
    const auto from = std::ranges::lower_bound(rows, first, {}, index_of);
    const auto to = std::ranges::lower_bound(rows, end, {}, index_of);
    return {from, to};
}

std::string select_events(bool joined) {
    std::string sql = "SELECT leaf_index, leaf, at_us";
    std::string_view between = ", ";
    for (const auto& column : text_columns) {
        sql.append(between).append("coalesce(").append(column.name).append(", '')");
        if (joined) between = " || ? || ";
    }
    return sql + " FROM audit_event WHERE leaf_index >= ? AND leaf_index < ? ORDER BY leaf_index";
}

bool splits_one_way(const store::Row& row) {
    return std::ranges::count(row.text(joined_column), separator) + 1 == std::ssize(text_columns);
}

// The joined text is that of these columns.
bool is_joined_of(std::string_view text, const LeafColumns& columns) {
    for (const auto& column : text_columns) {
        const auto& wanted = columns.*column.wanted;
        if (!text.starts_with(wanted)) return false;
        text.remove_prefix(wanted.size());
        if (text.empty()) return column.name == text_columns.back().name;
        if (text.front() != separator) return false;
        text.remove_prefix(1);
    }
    return false;
}

// The first column that is not what the leaf says; empty if all are. Null and empty are the same:
// the leaf has no member for either.
std::string_view differing_column(
    const store::Row& row, const LeafColumns& wanted, bool is_joined
) {
    if (row.integer(2) != wanted.at_us) return "at_us";
    if (is_joined && is_joined_of(row.text(joined_column), wanted)) return {};
    auto rest = is_joined ? std::string_view(row.text(joined_column)) : std::string_view();
    for (std::size_t i = 0; i < text_columns.size(); ++i) {
        const auto end = rest.find(separator);
        const auto found =
            is_joined ? rest.substr(0, end) : std::string_view(row.text(joined_column + i));
        if (found != wanted.*text_columns[i].wanted) return text_columns[i].name;
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    return {};
}

std::string_view event_id_of(const store::Row& row) {
    return row.text(0);
}

// Ids begin with the time, so the texts of a stretch mostly lie side by side. Where they don't (a
// clock that was set, many nodes) they are looked up one by one.
std::vector<store::Row> read_personal(
    store::Tx& tx, const std::vector<store::Row>& events, const std::vector<store::Value>& range
) {
    if (events.empty()) return {};
    const auto id_of = [](const store::Row& row) {
        return std::string_view(row.text(joined_column)).substr(0, 36);
    };
    const auto [lowest, highest] = std::ranges::minmax(events, {}, id_of);
    const auto most = 8 * std::ssize(events);
    auto rows = tx.query(
        "SELECT event_id, name, salt, content FROM audit_personal "
        "WHERE event_id >= ? AND event_id <= ? LIMIT ?",
        {std::string(id_of(lowest)), std::string(id_of(highest)), std::int64_t{most}}
    );
    if (std::ssize(rows) >= most) {
        rows = tx.query(
            "SELECT p.event_id, p.name, p.salt, p.content FROM audit_event e "
            "JOIN audit_personal p ON p.event_id = e.event_id "
            "WHERE e.leaf_index >= ? AND e.leaf_index < ?",
            range
        );
    }
    if (!std::ranges::is_sorted(rows, {}, event_id_of)) std::ranges::sort(rows, {}, event_id_of);
    return rows;
}

class BundleCheck {
public:
    BundleCheck(const RowStretch& stretch, const CheckedBundle& bundle)
        : bundle_(bundle),
          joined_(stretch.joined),
          end_(std::min(stretch.end, bundle.first + bundle.hashes.size())),
          rows_(part(stretch.events, bundle.first, end_)),
          personal_(stretch.personal) {}

    RowResult run() && {
        auto next = rows_.begin();
        for (auto index = bundle_.first; index < end_; ++index) {
            if (next == rows_.end() || index_of(*next) != index) {
                find("row_missing", index, "the database has no row for this event");
                continue;
            }
            row(index, *next++);
        }
        return std::move(result_);
    }

private:
    void find(std::string kind, std::uint64_t index, std::string detail) {
        result_.findings.push_back({std::move(kind), index, std::move(detail)});
    }

    void row(std::uint64_t index, const store::Row& row) {
        const auto& bytes = row.blob(1);
        const auto entry = bundle_.good_entry(index);
        const bool same = entry ? std::ranges::equal(*entry, bytes)
                                : leaf_hash(bytes) == bundle_.hashes[index - bundle_.first];
        if (!same) return mismatch(index, leaf_hash(bytes));

        ++result_.rows;
        const auto content = read_leaf(as_text(bytes));
        if (!content) return find("leaf_malformed", index, "not a leaf of version 1");
        if (const auto name = differing_column(row, content->columns, joined_); !name.empty()) {
            find("column_changed", index, "column " + std::string(name) + " is not the leaf's");
        }
        commitments(index, *content);
    }

    void mismatch(std::uint64_t index, const Hash& found) {
        const auto place = index - bundle_.first;
        const auto& hashes = bundle_.hashes;
        std::optional<Hash> next;
        if (place + 1 < hashes.size()) next = hashes[place + 1];
        result_.mismatches.push_back({index, found, hashes[place], next});
    }

    void commitments(std::uint64_t index, const LeafContent& content) {
        const auto texts = personal_of(content.columns.event_id);
        std::size_t used = 0;
        for (const auto& commitment : content.commitments) {
            const auto text = std::ranges::find_if(texts, [&](const store::Row& row) {
                return commitment.named(row.text(1));
            });
            if (text == texts.end()) {
                ++result_.erased;
                continue;
            }
            ++used;
            if (opens(commitment, *text)) {
                ++result_.personal;
            } else {
                find(
                    "personal_changed", index, commitment.name() + " does not open its commitment"
                );
            }
        }
        if (used < texts.size()) {
            find("personal_added", index, "a personal text that the leaf does not speak of");
        }
    }

    static bool opens(const Commitment& wanted, const store::Row& text) {
        const auto& stored = text.blob(2);
        Salt salt{};
        if (stored.size() != salt.size()) return false;
        std::ranges::copy(stored, salt.begin());
        return commitment(text.text(1), salt, text.text(3)) == wanted.digest;
    }

    // Mostly the next ones.
    [[nodiscard]] std::span<const store::Row> personal_of(std::string_view id) {
        const auto all = std::span(personal_);
        if (next_personal_ >= all.size() || event_id_of(all[next_personal_]) != id) {
            const auto found = std::ranges::lower_bound(all, id, {}, event_id_of);
            next_personal_ = static_cast<std::size_t>(found - all.begin());
        }
        const auto first = next_personal_;
        while (next_personal_ < all.size() && event_id_of(all[next_personal_]) == id) {
            ++next_personal_;
        }
        return all.subspan(first, next_personal_ - first);
    }

    const CheckedBundle& bundle_;
    bool joined_;
    std::uint64_t end_;
    std::span<const store::Row> rows_;
    std::span<const store::Row> personal_;  // of the whole stretch, by event id
    std::size_t next_personal_ = 0;
    RowResult result_;
};

}  // namespace

RowStretch read_stretch(store::Tx& tx, std::uint64_t first, std::uint64_t end) {
    const std::vector<store::Value> range{
        static_cast<std::int64_t>(first), static_cast<std::int64_t>(end)
    };
    std::vector<store::Value> values(text_columns.size() - 1, std::string(1, separator));
    values.insert(values.end(), range.begin(), range.end());

    RowStretch stretch;
    stretch.first = first;
    stretch.end = end;
    stretch.events = tx.query(select_events(true), values);
    stretch.personal = read_personal(tx, stretch.events, range);
    stretch.joined = std::ranges::all_of(stretch.events, splits_one_way);
    if (!stretch.joined) stretch.events = tx.query(select_events(false), range);
    return stretch;
}

RowResult check_rows(const RowStretch& stretch, const CheckedBundle& bundle) {
    return BundleCheck(stretch, bundle).run();
}

std::uint64_t count_told_erased(store::Tx& tx) {
    std::uint64_t told = 0;
    for (const auto& row :
         tx.query("SELECT leaf FROM audit_event WHERE type = 'audit.personal_erased'")) {
        const auto content = read_leaf(as_text(row.blob(0)));
        if (content && content->count > 0) told += static_cast<std::uint64_t>(content->count);
    }
    return told;
}

std::uint64_t count_misnumbered(store::Tx& tx) {
    const auto rows = tx.query("SELECT COUNT(*) FROM audit_event WHERE leaf_index < 0");
    return static_cast<std::uint64_t>(rows.front().integer(0));
}

}  // namespace sallyport::audit
