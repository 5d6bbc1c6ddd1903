#pragma once
// The gateway's part of the one table: what each protocol that leads to a device asks for before a
// byte passes, and what it leaves in the audit log. (The API's part is api::Route, the command
// line's is cli::CommandEntry.) A gateway whose entry is not whole does not start (S0-71).

#include "domain/policy/permission.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sallyport::gateway {

enum class EntryStepUp : std::uint8_t { no, yes };

struct ProtocolEntry {
    std::string_view protocol;  // "http"; stands in recordings and in the audit log
    std::optional<policy::Permission> permission = std::nullopt;
    std::optional<EntryStepUp> step_up = std::nullopt;
    std::string_view opened_event;   // of a visit that was let in
    std::string_view refused_event;  // of one that was not
};

// A visit was approved by another person and is recorded: that is the proof; no fresh code besides.
inline constexpr ProtocolEntry http_entry{
    .protocol = "http",
    .permission = policy::Permission::device_visit,
    .step_up = EntryStepUp::no,
    .opened_event = "pam.connect",
    .refused_event = "pam.connect_denied",
};

// All of them.
[[nodiscard]] std::span<const ProtocolEntry> protocol_entries() noexcept;

// Throws Fault naming the protocol: no permission declared, or one that decide() asks no grant for;
// step-up not declared; an event that the catalogue does not have.
void check_whole(const ProtocolEntry& entry);

}  // namespace sallyport::gateway
