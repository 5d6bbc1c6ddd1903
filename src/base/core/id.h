#pragma once
// Identifiers: UUIDv7 (RFC 9562 §5.7), sortable by the time they were made, never reused. The kind
// is part of the type, so a DeviceId can't be passed where an AccountId is wanted.

#include "base/core/bytes.h"
#include "base/core/random.h"
#include "base/core/result.h"
#include "base/core/time.h"

#include <algorithm>
#include <array>
#include <compare>
#include <functional>

namespace sallyport {

using IdBytes = std::array<std::byte, 16>;

[[nodiscard]] IdBytes fresh_uuid_v7(Time now, Random& random);
[[nodiscard]] std::string uuid_text(const IdBytes& bytes);
// The 36-character lower-case form only. Refuses "id.malformed".
[[nodiscard]] Result<IdBytes> parse_uuid(std::string_view text);

template <class Kind>
class Id {
public:
    [[nodiscard]] static Id fresh(Time now, Random& random) {
        return Id(fresh_uuid_v7(now, random));
    }

    [[nodiscard]] static Result<Id> parse(std::string_view text) {
        SP_TRY(const auto bytes, parse_uuid(text));
        return Id(bytes);
    }

    [[nodiscard]] static Id from_bytes(const IdBytes& bytes) { return Id(bytes); }

    [[nodiscard]] std::string text() const { return uuid_text(bytes_); }

    [[nodiscard]] const IdBytes& bytes() const noexcept { return bytes_; }

    friend auto operator<=>(const Id&, const Id&) = default;

private:
    explicit Id(const IdBytes& bytes) : bytes_(bytes) {}

    IdBytes bytes_;
};

using EventId = Id<struct EventKind>;
using PersonId = Id<struct PersonKind>;
using AccountId = Id<struct AccountKind>;
using AuthenticatorId = Id<struct AuthenticatorKind>;
using SessionId = Id<struct SessionKind>;  // names a session in records; not the cookie's token
using DeviceId = Id<struct DeviceKind>;
using VaultItemId = Id<struct VaultItemKind>;
using GrantId = Id<struct GrantKind>;
using ConnectionId = Id<struct ConnectionKind>;    // one visit to a device; names its recording too
using TicketId = Id<struct TicketKind>;            // a single-use enrolment ticket
using RecoveryId = Id<struct RecoveryKind>;        // a case of recovery, decided by two people
using IncidentId = Id<struct IncidentKind>;        // what a person reported about their own account
using FlowId = Id<struct FlowKind>;                // one sign-in in progress
using NoticeId = Id<struct NoticeIdKind>;          // of a notice to one person
using PushAttemptId = Id<struct PushAttemptKind>;  // one question to a phone
using ProofingId = Id<struct ProofingKind>;  // of a record of how a person's identity was checked

}  // namespace sallyport

template <class Kind>
struct std::hash<sallyport::Id<Kind>> {
    std::size_t operator()(const sallyport::Id<Kind>& id) const noexcept {
        return std::hash<std::string_view>{}(sallyport::as_text(id.bytes()));
    }
};
