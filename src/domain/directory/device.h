#pragma once
// Medical devices, and what may be asked of each: the device profile.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/directory/device_details.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::directory {

// A device's name, and the first label of its host name: a DNS label (RFC 1123 §2.1), 1 to 63 of
// a-z 0-9 -, not starting or ending with '-'.
class DeviceName {
public:
    // Refuses "device_name.malformed"; upper case is not folded.
    [[nodiscard]] static Result<DeviceName> parse(std::string_view text);

    [[nodiscard]] const std::string& text() const noexcept { return text_; }

    friend auto operator<=>(const DeviceName&, const DeviceName&) = default;

private:
    explicit DeviceName(std::string text) : text_(std::move(text)) {}

    std::string text_;
};

// One line of a profile's allow-list. `path` is exact, or a prefix when it ends in '*'. A rule
// with `needs` applies only under a grant that names that capability ("firmware").
struct PathRule {
    std::string method;  // upper case; "*" for any listed verb
    std::string path;    // absolute, normalised
    std::string needs;   // empty: every grant has it
    // Whether such a request may change what the device does. None: as its method says (RFC 9110
    // §9.2.1); a device that acts on GET, or is only asked by POST, needs it said.
    std::optional<bool> changes = std::nullopt;
};

// How the device is asked for something about itself: GET `path`, whose answer is JSON that holds
// it at `pointer` (RFC 6901).
struct DeviceReading {
    std::string path;     // absolute, normalised; asked whatever the allow-list says
    std::string pointer;  // "/pump/serial"; never empty
    // Asked with the vault's credential. Without it if the device answers so: what is not yet known
    // to be the right device should be told nothing.
    bool with_credential = false;
};

// How the gateway finds out that nobody is being treated (S2-44).
struct TherapyRule {
    DeviceReading reading;
    // What is read while it is safe to change something. Anything else, and no answer, is therapy.
    std::vector<std::string> stopped;
};

// What may pass to a device and back. Kept as JSON in the device row; the archetype gives the
// default (A2: network-connected pump with a service web page).
struct DeviceProfile {
    std::vector<PathRule> allow;                 // what no rule allows is refused
    std::uint64_t request_body_max = 1 << 20;    // bytes
    std::uint64_t response_body_max = 64 << 20;  // bytes
    std::chrono::seconds connect_timeout{5};
    std::chrono::seconds answer_timeout{30};  // until the device's whole answer head is there
    bool upgrade_allowed = false;    // a protocol switch (101) is relayed, recorded byte-wise
    bool answers_cacheable = false;  // else answers to people become no-store
    bool cookies_readable = false;   // else device cookies become HttpOnly
    // Where the device tells its serial number. None: nothing checks that it is the right device.
    std::optional<DeviceReading> identity = std::nullopt;
    // None: changes pass, whatever the device is doing.
    std::optional<TherapyRule> therapy = std::nullopt;
};

[[nodiscard]] std::string to_json(const DeviceProfile& profile);
// Refuses "device_profile.malformed" with the member and the reason in `detail`.
[[nodiscard]] Result<DeviceProfile> parse_device_profile(std::string_view json);
[[nodiscard]] DeviceProfile default_profile(std::string_view archetype);

enum class DeviceState : std::uint8_t { registered, in_service, retired };

[[nodiscard]] std::string_view to_text(DeviceState state) noexcept;
[[nodiscard]] DeviceState device_state(std::string_view text);  // a fault if unknown

struct Device {
    DeviceId id;
    DeviceName name;
    std::string serial;
    std::string address;  // an IP address or a host name of the device network
    std::uint16_t port;
    std::string archetype;  // "A1" … "A6"; see product documents
    DeviceProfile profile;
    DeviceState state;
    std::optional<AccountId> registered_by;
    Time created_at;
    DeviceDetails details = {};
};

struct NewDevice {
    DeviceName name;
    std::string serial;  // 1 to 100 bytes, printable
    std::string address;
    std::uint16_t port;
    std::string archetype;
    std::optional<DeviceProfile> profile;
    DeviceDetails details = {};
};

// Whether serial, address, port and archetype are what they must be; create_device() asks it too.
[[nodiscard]] Result<void> check_form(const NewDevice& wanted);

// Rows only, as in account.h. Refuses conflict "device.name_taken" and "device.serial_taken",
// invalid "device.serial_malformed", "device.address_malformed", "device.port_malformed" and
// "device.archetype_unknown". Names and serials of retired devices stay taken.
[[nodiscard]] Result<Device> create_device(
    store::Tx& tx, const NewDevice& wanted, const AccountId& by, const Moment& moment
);
[[nodiscard]] std::optional<Device> find_device(store::Tx& tx, const DeviceId& id);
[[nodiscard]] std::optional<Device> find_device(store::Tx& tx, const DeviceName& name);
// Serials are unique, also among retired devices.
[[nodiscard]] std::optional<Device> find_device_by_serial(store::Tx& tx, const std::string& serial);
[[nodiscard]] std::vector<Device> list_devices(store::Tx& tx);
// Those that are not retired, by name.
[[nodiscard]] std::vector<Device> members_of(store::Tx& tx, const DeviceGroupId& id);
void set_device_state(store::Tx& tx, const DeviceId& id, DeviceState state);
void set_device_place(
    store::Tx& tx,
    const DeviceId& id,
    const std::string& address,
    std::uint16_t port,
    const DeviceDetails& details
);
void set_device_profile(store::Tx& tx, const DeviceId& id, const DeviceProfile& profile);

}  // namespace sallyport::directory
