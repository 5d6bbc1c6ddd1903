#include "domain/policy/permission.h"

#include <algorithm>
#include <array>

namespace sallyport::policy {

namespace {

struct Entry {
    std::string_view text;
    bool step_up;  // see needs_step_up_always()
};

// In the order of the enumeration.
constexpr std::array<Entry, permission_count> entries{{
    {"self.read", false},       {"self.manage", false},      {"user.read", false},
    {"user.manage", true},      {"session.end", true},       {"device.read", false},
    {"device.manage", true},    {"vault.manage", true},      {"grant.request", false},
    {"grant.read", false},      {"grant.approve", true},     {"grant.revoke", false},
    {"device.visit", false},    {"connection.watch", false}, {"recording.read", false},
    {"recording.export", true}, {"audit.read", false},       {"audit.export", true},
    {"policy.read", false},     {"policy.propose", true},    {"policy.approve", true},
    {"key.manage", true},       {"backup.make", true},       {"recovery.open", true},
    {"recovery.approve", true}, {"incident.read", false},    {"incident.close", true},
}};

const Entry& entry(Permission permission) noexcept {
    return entries[static_cast<std::size_t>(permission)];
}

}  // namespace

std::string_view to_text(Permission permission) noexcept {
    return permission < Permission::count_ ? entry(permission).text : "?";
}

std::optional<Permission> permission(std::string_view text) noexcept {
    const auto* const found = std::ranges::find(entries, text, &Entry::text);
    if (found == entries.end()) return std::nullopt;
    return static_cast<Permission>(found - entries.begin());
}

PermissionSet step_up_always() noexcept {
    PermissionSet set;
    for (std::size_t i = 0; i < permission_count; ++i) {
        set.set(i, entries[i].step_up);
    }
    return set;
}

bool needs_step_up_always(Permission permission) noexcept {
    return permission >= Permission::count_ || entry(permission).step_up;
}

}  // namespace sallyport::policy
