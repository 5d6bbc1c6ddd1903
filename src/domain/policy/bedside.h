#pragma once
// Whose work is at the bedside.

#include <string_view>

namespace sallyport::policy {

// At a workstation of a clinical area idleness locks their sessions instead of ending them, and a
// badge opens them again (S1-33, S1-34). Everybody else signs in.
[[nodiscard]] constexpr bool works_at_bedside(std::string_view role) noexcept {
    return role == "clinician";
}

}  // namespace sallyport::policy
