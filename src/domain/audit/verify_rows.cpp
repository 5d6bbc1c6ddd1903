#include "domain/audit/verify_rows.h"

#include "domain/audit/leaf.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <utility>

namespace sallyport::audit {

namespace {

enum Column : std::uint8_t {
    leaf_index,
    leaf,
    at_us,
    event_id,
    type,
    person,
    account,
    role,
    system,
    session,
    grant,
    action,
    object,
    outcome,
    reason,
    amr,
};

std::uint64_t index_of(const store::Row& row) {
    return static_cast<std::uint64_t>(row.integer(leaf_index));
}

// The rows of `rows` (sorted) with an index in [first, end).
std::span<const store::Row> part(
    const std::vector<store::Row>& rows, std::uint64_t first, std::uint64_t end
) {
    const auto from = std::ranges::lower_bound(rows, first, {}, index_of);
    const auto to = std::ranges::lower_bound(rows, end, {}, index_of);
    return {from, to};
}

// Null and empty are the same: the leaf has no member for either.
std::string_view text_in(const store::Row& row, std::size_t column) {
    return row.is_null(column) ? std::string_view() : std::string_view(row.text(column));
}

// The first column that is not what the leaf says; empty if all are.
std::string_view differing_column(const store::Row& row, const LeafColumns& wanted) {
    struct Text {
        std::string_view name;
        Column column;
        const std::string& wanted;
    };

    const std::array<Text, 13> texts{{
        {"event_id", event_id, wanted.event_id},
        {"type", type, wanted.type},
        {"person_id", person, wanted.person},
        {"account_id", account, wanted.account},
        {"role", role, wanted.role},
        {"actor_system", system, wanted.system},
        {"session_id", session, wanted.session},
        {"grant_id", grant, wanted.grant},
        {"action", action, wanted.action},
        {"object", object, wanted.object},
        {"outcome", outcome, wanted.outcome},
        {"reason", reason, wanted.reason},
        {"amr", amr, wanted.amr},
    }};
    if (row.integer(at_us) != wanted.at_us) return "at_us";
    const auto differs = std::ranges::find_if(texts, [&](const Text& text) {
        return text_in(row, text.column) != text.wanted;
    });
    return differs == texts.end() ? std::string_view() : differs->name;
}

class BundleCheck {
public:
    BundleCheck(const RowStretch& stretch, const CheckedBundle& bundle)
        : bundle_(bundle),
          end_(std::min(stretch.end, bundle.first + bundle.hashes.size())),
          rows_(part(stretch.events, bundle.first, end_)),
          personal_(part(stretch.personal, bundle.first, end_)) {}

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
        const auto& bytes = row.blob(leaf);
        const auto entry = bundle_.good_entry(index);
        const bool same = entry ? std::ranges::equal(*entry, bytes)
                                : leaf_hash(bytes) == bundle_.hashes[index - bundle_.first];
        if (!same) return mismatch(index, leaf_hash(bytes));

        ++result_.rows;
        const auto content = read_leaf(as_text(bytes));
        if (!content) return find("leaf_malformed", index, "not a leaf of version 1");
        if (const auto name = differing_column(row, content->columns); !name.empty()) {
            find("column_changed", index, "column " + std::string(name) + " is not the leaf's");
        }
        commitments(index, content->commitments);
    }

    void mismatch(std::uint64_t index, const Hash& found) {
        const auto place = index - bundle_.first;
        const auto& hashes = bundle_.hashes;
        std::optional<Hash> next;
        if (place + 1 < hashes.size()) next = hashes[place + 1];
        result_.mismatches.push_back({index, found, hashes[place], next});
    }

    void commitments(std::uint64_t index, const std::vector<Commitment>& commitments) {
        const auto texts = take_personal(index);
        std::size_t used = 0;
        for (const auto& commitment : commitments) {
            const auto text = std::ranges::find_if(texts, [&](const store::Row& row) {
                return row.text(1) == commitment.name;
            });
            if (text == texts.end()) {
                ++result_.erased;
                continue;
            }
            ++used;
            if (opens(commitment, *text)) {
                ++result_.personal;
            } else {
                find("personal_changed", index, commitment.name + " does not open its commitment");
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
        return commitment(wanted.name, salt, text.text(3)) == wanted.digest;
    }

    std::span<const store::Row> take_personal(std::uint64_t index) {
        while (!personal_.empty() && index_of(personal_.front()) < index) {
            personal_ = personal_.subspan(1);
        }
        std::size_t count = 0;
        while (count < personal_.size() && index_of(personal_[count]) == index) {
            ++count;
        }
        const auto texts = personal_.first(count);
        personal_ = personal_.subspan(count);
        return texts;
    }

    const CheckedBundle& bundle_;
    std::uint64_t end_;
    std::span<const store::Row> rows_;
    std::span<const store::Row> personal_;
    RowResult result_;
};

}  // namespace

RowStretch read_stretch(store::Tx& tx, std::uint64_t first, std::uint64_t end) {
    const std::vector<store::Value> range{
        static_cast<std::int64_t>(first), static_cast<std::int64_t>(end)
    };
    RowStretch stretch;
    stretch.first = first;
    stretch.end = end;
    stretch.events = tx.query(
        "SELECT leaf_index, leaf, at_us, event_id, type, person_id, account_id, role, "
        "actor_system, session_id, grant_id, action, object, outcome, reason, amr "
        "FROM audit_event WHERE leaf_index >= ? AND leaf_index < ? ORDER BY leaf_index",
        range
    );
    stretch.personal = tx.query(
        "SELECT e.leaf_index, p.name, p.salt, p.content FROM audit_event e "
        "JOIN audit_personal p ON p.event_id = e.event_id "
        "WHERE e.leaf_index >= ? AND e.leaf_index < ? ORDER BY e.leaf_index",
        range
    );
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
