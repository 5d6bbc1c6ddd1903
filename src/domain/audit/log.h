#pragma once
// The transactional audit log: what a domain function calls, and what readers ask.

#include "base/core/moment.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sallyport::audit {

// Writes the event in this transaction; it commits or fails with the change it tells of. The leaf
// is encoded here, once, and never re-encoded. An over-long value is stored cut and flagged. An
// event that its catalogue entry does not allow (unknown type, who/what/where/outcome missing,
// factor missing where required, S1-88) is a fault: the change it belongs to does not happen.
EventId append(store::Tx& tx, const Moment& moment, const Event& event);

// What `sallyport audit list` and the API show. All conditions must hold; an empty one is not
// asked.
struct Filter {
    // Written out, so that a caller may name only the conditions it asks for.
    std::string type_prefix = {};  // "authn." or "grant.approved"
    std::optional<AccountId> account = {};
    std::optional<SessionId> session = {};
    std::optional<GrantId> grant = {};
    std::string object = {};
    std::optional<Time> from = {};
    std::optional<Time> until = {};
    std::optional<std::int64_t> before_index = {};  // for paging back from a leaf index
    std::size_t count_max = 100;                    // at most store::page_rows_max and one
};

// One row as shown: the columns derived from the leaf, the personal text if it was not erased,
// and the leaf itself.
struct Entry {
    EventId id;
    std::optional<std::int64_t> leaf_index;  // none until the sequencer numbered it
    Time at;
    std::string type;
    std::string account_name;
    std::string role;
    std::string system;  // the part of Sallyport that acted; empty for a person
    std::string source;
    std::string action;
    std::string object;
    std::string outcome;
    std::string reason;
    std::string amr;
    std::string leaf_json;      // the leaf's exact bytes
    std::string personal_json;  // {"name": "text", …} of what was not erased
};

// Newest first: what is not numbered yet, then by leaf index downwards.
[[nodiscard]] std::vector<Entry> list(store::Tx& tx, const Filter& filter);
[[nodiscard]] std::optional<Entry> find(store::Tx& tx, const EventId& id);

// Which personal texts go: those of events before `before`, of one account or of everybody.
struct PersonalScope {
    std::optional<AccountId> account;
    Time before;
};

// Erases personal texts and their salts; the leaves and their commitments stay, so the log still
// verifies. Writes audit.personal_erased with the count and the scope. Returns the count.
std::int64_t erase_personal(
    store::Tx& tx, const Moment& moment, const Actor& by, const PersonalScope& scope
);

}  // namespace sallyport::audit
