#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sallyport::policy {

// Everything that Sallyport can allow. Each route, command and protocol entry names one.
enum class Permission : std::uint8_t {
    self_read,    // see one's own account, sessions, grants
    self_manage,  // end one's own sessions, manage one's own authenticators
    user_read,
    user_manage,  // create, change, disable, delete accounts; roles; enrolment tickets
    session_end,  // end another person's session
    device_read,
    device_manage,
    vault_manage,  // store and replace device secrets; nobody can read one
    grant_request,
    grant_read,  // everybody's grants
    grant_approve,
    grant_revoke,
    device_visit,      // reach a device that a grant names
    connection_watch,  // see open visits and end them
    recording_read,
    recording_export,
    audit_read,
    audit_export,
    policy_read,
    policy_propose,
    policy_approve,
    key_manage,
    backup_make,
    recovery_open,     // ask for the recovery of somebody's account, having made sure who called
    recovery_approve,  // let another's case of recovery through, or refuse it
    incident_read,     // what people reported about their own accounts
    incident_close,
    // NOLINTNEXTLINE(readability-identifier-naming): set apart, since it is no permission
    count_  // how many there are; not a permission
};

inline constexpr std::size_t permission_count = static_cast<std::size_t>(Permission::count_);

using PermissionSet = std::bitset<permission_count>;

// "device.visit"; stable, for policy documents and audit.
[[nodiscard]] std::string_view to_text(Permission permission) noexcept;
[[nodiscard]] std::optional<Permission> permission(std::string_view text) noexcept;

// Whether decide() asks for a fresh proof whatever the route said: every change of a user, role,
// device, vault item, grant approval, policy, key or another's session, and each export (S0-37,
// S0-58, S0-78).
[[nodiscard]] bool needs_step_up_always(Permission permission) noexcept;
// All of these. What a policy's own list begins with, and may only add to (S0-52).
[[nodiscard]] PermissionSet step_up_always() noexcept;

}  // namespace sallyport::policy
