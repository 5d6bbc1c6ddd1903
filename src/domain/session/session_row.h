#pragma once
// A session as its row says.

#include "domain/session/session.h"

#include <string>
#include <string_view>
#include <vector>

namespace sallyport::session {

// Open sessions that meet `condition` (over `s`, and `p` for the parent), oldest first. A child's
// last activity is its parent's.
[[nodiscard]] std::vector<Session> select_open(
    store::Tx& tx, std::string_view condition, const std::vector<store::Value>& parameters = {}
);
// The same of sessions that have ended.
[[nodiscard]] std::vector<Session> select_ended(
    store::Tx& tx, std::string_view condition, const std::vector<store::Value>& parameters
);
void insert_row(store::Tx& tx, const Session& session, const TokenDigest& digest);

[[nodiscard]] inline Bytes bytes_of(const TokenDigest& digest) {
    return {digest.begin(), digest.end()};
}

// Whoever a session belongs to, acting from `where`.
[[nodiscard]] audit::Actor holder_of(const Session& session, const audit::Where& where);

}  // namespace sallyport::session
