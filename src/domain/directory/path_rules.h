#pragma once
// May this request pass to this device? Pure matching of method and path against the device
// profile's allow-list. A path is only ever matched after normal_path() found that there is one way
// to read it: where two parsers could disagree, the rule would guard another door than the device
// opens.

#include "base/core/result.h"
#include "domain/directory/device.h"

#include <span>
#include <string>
#include <string_view>

namespace sallyport::directory {

inline constexpr std::size_t request_target_size_max = 8192;

// The path of a raw request target in origin form ("/a/b?x=1"; RFC 9112 §3.2.1), percent-decoded
// once, without the query. Refuses invalid "device.path_malformed" (not origin form, too long, a
// broken escape, a byte that may not be there) and "device.path_ambiguous" (an encoded slash or
// backslash, a dot segment however spelled, an empty segment, a path parameter, an escape that
// decodes to another escape, a control character, what is not UTF-8).
[[nodiscard]] Result<std::string> normal_path(std::string_view raw_target);

// `path` is what normal_path() returned; `method` is matched as it is spelled. The strictest rule
// wins: what any matching rule reserves for a capability needs it, even if another rule would let
// it pass; such rules match in any letter case and with or without a final slash, since the device
// may read it so. Refuses denied "device.path_not_allowed" and "device.capability_missing" (detail:
// the capability).
[[nodiscard]] Result<void> check_path(
    const DeviceProfile& profile,
    std::string_view method,
    std::string_view path,
    std::span<const std::string> capabilities
);

// Whether such a request may change what the device does: if one rule that it may mean says so, or
// says nothing and the method is not a safe one (RFC 9110 §9.2.1). What no rule names: as the
// method says.
[[nodiscard]] bool may_change_state(
    const DeviceProfile& profile, std::string_view method, std::string_view path
) noexcept;

// Whether a rule of a profile is one that check_path() can keep: a known method or "*", and an
// absolute path that is its own normal form, with '*' at its end at most.
[[nodiscard]] bool is_well_formed(const PathRule& rule) noexcept;

}  // namespace sallyport::directory
