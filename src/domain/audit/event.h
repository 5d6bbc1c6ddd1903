#pragma once
// One audit event as the code that causes it describes it: who, what, when, where, with what
// outcome and by which factor. What becomes of it (encoding, commitments, tree) is in leaf.h.

#include "base/core/id.h"
#include "base/core/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sallyport::audit {

// Whose hand it was. An event without a person says which part of Sallyport acted (`system`).
struct Who {
    std::optional<PersonId> person;
    std::optional<AccountId> account;
    std::string account_name;  // personal: stored beside the leaf, which holds a salted commitment
    std::string role;
    std::string system;  // e.g. "bootstrap", "sequencer", "device-timer"; empty for a person
};

struct Where {
    std::string source;   // the address the request came from; personal; "local" for this host
    std::string channel;  // web, cli, gateway, system
    // Until workstations are registered, every event says that they are not known.
    std::string workstation = "unregistered";
    std::string zone = "unzoned";  // by the policy's zones (policy/zones.h)
    // ISO 3166-1 alpha-2; empty: not known. For the context decision, whose event names what came
    // of it; no leaf has it.
    std::string country = {};
};

// How the person was proven. Required for authn, step-up, privileged and signing events.
struct Factor {
    std::string amr;               // RFC 8176 values joined by '+': "pwd+otp"
    int aal = 1;                   // SP 800-63B level
    std::string authenticator_id;  // AuthenticatorId, or "password", joined by '+'
    bool phishing_resistant = false;
    std::optional<Duration> age;  // since that proof
};

enum class Outcome : std::uint8_t { success, refused, failed };

// What else this type of event tells. `personal` fields enter the leaf as salted commitments; text
// and salt stand beside it and can be erased by policy, with an event of its own.
struct Field {
    std::string name;
    std::variant<std::string, std::int64_t, bool> value;
    bool personal = false;
};

struct Event {
    std::string_view type;  // from the catalogue (catalogue.h), e.g. "grant.approved"
    Who who;
    Where where;
    std::string action;  // the verb, e.g. "approve"
    std::string object;  // what it was done to, e.g. "grant:0193…" or "device:pump-07"
    Outcome outcome = Outcome::success;
    std::string reason;  // a Reason's text or "ok"; never free text from a caller
    std::optional<Factor> factor;
    std::optional<SessionId> session;
    std::optional<GrantId> grant;
    std::string ticket;
    std::int64_t policy_version = 0;
    std::vector<Field> fields;
};

// On whose behalf a domain function acts; carried from the edge into every event it writes.
struct Actor {
    Who who;
    Where where;
    std::optional<Factor> factor;
    std::optional<SessionId> session;
    std::int64_t policy_version = 0;
};

// Sallyport itself as the actor: `part` is the part that acts, e.g. "sequencer".
[[nodiscard]] Actor system_actor(std::string part);

// An event with the actor's part filled in.
[[nodiscard]] Event event_by(
    const Actor& actor, std::string_view type, std::string action, std::string object
);

}  // namespace sallyport::audit
