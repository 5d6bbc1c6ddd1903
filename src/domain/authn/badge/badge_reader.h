#pragma once
// The badge reader of a workstation: a program that runs there and tells which card it sees. An
// administrator issues a ticket for one workstation; the program shows it once and then holds a
// token of 256 random bits, kept here as a digest. What it tells is believed of that workstation
// only, and proves nobody.

#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/crypto/secret.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/directory/workstation.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sallyport::authn {

enum class ReaderMode : std::uint8_t {
    tap,   // held against it for a moment: once to come, once more to go
    stay,  // lies on it, and is taken away to go
};

[[nodiscard]] std::string_view to_text(ReaderMode mode) noexcept;
// Refuses invalid "badge_reader.mode".
[[nodiscard]] Result<ReaderMode> reader_mode(std::string_view text);

inline constexpr std::chrono::minutes reader_ticket_life{15};

struct BadgeReader {
    directory::Workstation workstation;
    ReaderMode mode;
};

// The earlier ticket of the workstation is worth nothing any more; its reader works on until the
// new one is used. Refuses not_found "workstation.unknown". Writes
// workstation.reader_ticket_issued.
[[nodiscard]] Result<crypto::Secret> issue_reader_ticket(
    store::Tx& tx,
    const Moment& moment,
    const directory::WorkstationId& workstation,
    ReaderMode mode,
    const audit::Actor& actor
);

struct RegisteredReader {
    BadgeReader reader;
    crypto::Secret token;  // 32 bytes; given to the program, once
};

// Uses the ticket up; a reader that was there before is told no more. Refuses unauthenticated
// "badge_reader.ticket_refused" (unknown, used, over, or of a workstation that was removed). Writes
// workstation.reader_registered.
[[nodiscard]] Result<RegisteredReader> register_reader(
    store::Tx& tx, const Moment& moment, std::string_view ticket, const audit::Where& where
);

// The reader that holds this token, if its workstation is still on the list. Refuses
// unauthenticated "badge_reader.unknown".
[[nodiscard]] Result<BadgeReader> find_reader(store::Tx& tx, BytesView token);
[[nodiscard]] std::optional<ReaderMode> reader_mode_at(
    store::Tx& tx, const directory::WorkstationId& workstation
);

// The reader as the actor of what it tells.
[[nodiscard]] audit::Actor reader_actor(const BadgeReader& reader, audit::Where where);

}  // namespace sallyport::authn
