#pragma once
// The event types: requirements §7.2 and ours beside them, with what each must tell. An event that
// its entry does not allow is a fault, so the change that it belongs to does not happen (S1-88).
//
// Of the fields that §7.2 lists, many are common parts of every event and are checked there: who
// acts is `who`, the thing acted on is `object`, result and cause are `outcome` and `reason`, and
// session, grant, ticket, factor and policy version have places of their own.

#include "domain/audit/event.h"

#include <cstdint>
#include <string_view>

namespace sallyport::audit {

// What an entry asks for beyond the common parts; bits, joined.
enum Rule : std::uint8_t {
    plain = 0,
    // Who did it must be a person with an account: never only "admin" or "system".
    needs_person = 1,
    // Nobody is known yet (a failed sign-in): `who` may be empty if `where.source` is not.
    allows_unknown = 2,
    // A proven factor (amr and authenticator id), always.
    needs_factor = 4,
    // A factor if a person did it (shown, or for a sign-in that failed tried); Sallyport itself
    // (bootstrap, timers) has none.
    privileged = 8,
    needs_session = 16,
    needs_grant = 32,
};

struct EventType {
    std::string_view type;
    std::uint8_t rules;       // of Rule
    std::string_view fields;  // that must be there and not be empty, separated by a space
};

// Null if there is none of that name.
[[nodiscard]] const EventType* find_type(std::string_view type) noexcept;

// Throws Fault naming the type and what it lacks, never a value.
void check_event(const Event& event);

}  // namespace sallyport::audit
