#pragma once
// What the register knows of a device beside how it is reached: where it stands, what it does with
// patients' data, and every way into it with what covers that way (S0-81, S1-03, S2-43).

#include "base/core/id.h"
#include "base/core/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::directory {

using DeviceGroupId = Id<struct DeviceGroupKind>;

// What a device does with electronic protected health information (45 CFR 160.103).
struct EphiUse {
    bool creates = false;
    bool receives = false;
    bool maintains = false;
    bool transmits = false;

    [[nodiscard]] bool any() const noexcept {
        return creates || receives || maintains || transmits;
    }

    friend bool operator==(const EphiUse&, const EphiUse&) = default;
};

// "C", "CRMT" in that order, "none".
[[nodiscard]] std::string to_text(const EphiUse& use);
// The letters in any order and case, each once. Refuses invalid "device.ephi_malformed".
[[nodiscard]] Result<EphiUse> parse_ephi_use(std::string_view text);

enum class InterfaceKind : std::uint8_t {
    network,
    serial,
    usb,
    wireless,
    console,           // keys and screen of the device itself
    maintenance_mode,  // entered in whatever way
};

// How the interface itself finds out who is there.
enum class InterfaceAuthentication : std::uint8_t {
    none,
    fixed_password,   // one for all devices of the model, from the manual
    shared_password,  // one for all people, of this house
    personal,         // an account or key for each person
    certificate,      // of a machine
};

// What keeps others from it.
enum class InterfaceControl : std::uint8_t {
    none,
    gateway,        // only through Sallyport
    network_rule,   // only from named addresses, and those are not Sallyport's
    physical,       // a lock, a cover, a guarded room
    disabled,       // switched off in the device
    accepted_risk,  // named in `reference`
};

// What can be read on the way from Sallyport to it (S2-43).
enum class LastHop : std::uint8_t {
    clear,
    isolated,  // attested: nobody else is on that network
    encrypted,
};

[[nodiscard]] std::string_view to_text(InterfaceKind kind) noexcept;
[[nodiscard]] std::string_view to_text(InterfaceAuthentication authentication) noexcept;
[[nodiscard]] std::string_view to_text(InterfaceControl control) noexcept;
[[nodiscard]] std::string_view to_text(LastHop hop) noexcept;

struct DeviceInterface {
    std::string name;  // 1 to 100 bytes, no two of a device alike
    InterfaceKind kind = InterfaceKind::network;
    std::uint16_t port = 0;  // of a network interface; else 0
    InterfaceAuthentication authentication = InterfaceAuthentication::none;
    InterfaceControl control = InterfaceControl::none;
    std::string reference;              // a risk, a rule, a room; needed for accepted_risk
    LastHop last_hop = LastHop::clear;  // of a network interface
    std::string attestation;            // who says so, when, ticket; needed for isolated

    friend bool operator==(const DeviceInterface&, const DeviceInterface&) = default;
};

inline constexpr std::size_t interfaces_max = 50;

// A JSON array. parse refuses invalid "device.interfaces_malformed" with the member and the reason
// in `detail`.
[[nodiscard]] std::string to_json(const std::vector<DeviceInterface>& interfaces);
[[nodiscard]] Result<std::vector<DeviceInterface>> parse_interfaces(std::string_view json);

// Six bytes as "00:1b:63:84:45:e6"; takes '-' and capitals. Refuses invalid "device.mac_malformed".
[[nodiscard]] Result<std::string> parse_mac(std::string_view text);

struct DeviceDetails {
    std::optional<DeviceGroupId> group;
    std::string mac;              // empty: not known
    std::string ward;             // where it stands; empty: not known
    std::optional<EphiUse> ephi;  // none: registered before it was asked for
    // Its own; a device without any has its group's.
    std::vector<DeviceInterface> interfaces;
};

}  // namespace sallyport::directory
