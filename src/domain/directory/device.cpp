#include "domain/directory/device.h"

#include "base/core/fault.h"
#include "domain/directory/device_address.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sallyport::directory {

namespace {

constexpr std::size_t serial_size_max = 100;

constexpr std::array<std::pair<DeviceState, std::string_view>, 3> state_texts{{
    {DeviceState::registered, "registered"},
    {DeviceState::in_service, "in_service"},
    {DeviceState::retired, "retired"},
}};

constexpr std::string_view device_columns =
    "SELECT id, name, serial, address, port, archetype, profile, state, registered_by, created_at, "
    "group_id, mac, ward, ephi, interfaces FROM device ";

DeviceName stored_name(const std::string& text) {
    auto name = DeviceName::parse(text);
    if (!name) throw Fault("the stored name of a device is malformed");
    return *std::move(name);
}

DeviceProfile stored_profile(const std::string& json) {
    auto profile = parse_device_profile(json);
    if (!profile) throw Fault("a stored device profile is malformed: " + profile.error().detail);
    return *std::move(profile);
}

DeviceDetails details_in(const store::Row& row) {
    DeviceDetails details;
    details.group = row.maybe_id<DeviceGroupId>(10);
    details.mac = row.text(11);
    details.ward = row.text(12);
    if (const auto& text = row.text(13); !text.empty()) {
        const auto use = parse_ephi_use(text);
        if (!use) throw Fault("what a stored device does with ePHI is malformed");
        details.ephi = *use;
    }
    auto interfaces = parse_interfaces(row.text(14));
    if (!interfaces) throw Fault("the stored interfaces of a device are malformed");
    details.interfaces = *std::move(interfaces);
    return details;
}

store::Value or_null(const std::optional<DeviceGroupId>& group) {
    return group ? store::value(*group) : store::Value();
}

std::string or_empty(const std::optional<EphiUse>& use) {
    return use ? to_text(*use) : std::string();
}

Device device_in(const store::Row& row) {
    return {
        .id = row.id<DeviceId>(0),
        .name = stored_name(row.text(1)),
        .serial = row.text(2),
        .address = row.text(3),
        .port = static_cast<std::uint16_t>(row.integer(4)),
        .archetype = row.text(5),
        .profile = stored_profile(row.text(6)),
        .state = device_state(row.text(7)),
        .registered_by = row.maybe_id<AccountId>(8),
        .created_at = row.time(9),
        .details = details_in(row),
    };
}

std::optional<Device> first_of(const std::vector<store::Row>& rows) {
    if (rows.empty()) return std::nullopt;
    return device_in(rows.front());
}

bool is_serial(std::string_view text) noexcept {
    return !text.empty() && text.size() <= serial_size_max && text.front() != ' ' &&
           text.back() != ' ' &&
           std::ranges::all_of(text, [](char c) { return c >= ' ' && c < '\x7f'; });
}

bool is_archetype(std::string_view text) noexcept {
    return text.size() == 2 && text[0] == 'A' && text[1] >= '1' && text[1] <= '6';
}

Result<void> check_not_taken(store::Tx& tx, const NewDevice& wanted) {
    if (!tx.query("SELECT 1 FROM device WHERE name = ?", {wanted.name.text()}).empty()) {
        return refuse(Refusal::conflict, "device.name_taken");
    }
    if (!tx.query("SELECT 1 FROM device WHERE serial = ?", {wanted.serial}).empty()) {
        return refuse(Refusal::conflict, "device.serial_taken");
    }
    return {};
}

void require_one_row(std::int64_t changed, const DeviceId& id) {
    if (changed != 1) throw Fault("there is no device " + id.text());
}

bool is_name_char(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

}  // namespace

Result<DeviceName> DeviceName::parse(std::string_view text) {
    const bool well_formed = !text.empty() && text.size() <= 63 && text.front() != '-' &&
                             text.back() != '-' && std::ranges::all_of(text, is_name_char);
    if (!well_formed) {
        return refuse(
            Refusal::invalid, "device_name.malformed", "1 to 63 of a-z 0-9 -, no - at the ends"
        );
    }
    return DeviceName(std::string(text));
}

std::string_view to_text(DeviceState state) noexcept {
    return std::ranges::find(state_texts, state, &decltype(state_texts)::value_type::first)->second;
}

DeviceState device_state(std::string_view text) {
    const auto* const found =
        std::ranges::find(state_texts, text, &decltype(state_texts)::value_type::second);
    if (found == state_texts.end()) throw Fault("unknown device state " + std::string(text));
    return found->first;
}

// That an address is an address; which ones are allowed depends on where we run, and is
// governance's to ask.
Result<void> check_form(const NewDevice& wanted) {
    if (!is_serial(wanted.serial)) return refuse(Refusal::invalid, "device.serial_malformed");
    if (const auto allowed = device_address_allowed(wanted.address, AddressRules::demo);
        !allowed && allowed.error().kind == Refusal::invalid) {
        return std::unexpected(allowed.error());
    }
    if (wanted.port == 0) return refuse(Refusal::invalid, "device.port_malformed");
    if (!is_archetype(wanted.archetype)) {
        return refuse(Refusal::invalid, "device.archetype_unknown");
    }
    return {};
}

Result<Device> create_device(
    store::Tx& tx, const NewDevice& wanted, const AccountId& by, const Moment& moment
) {
    return tx.attempt([&]() -> Result<Device> {
        SP_CHECK(check_form(wanted));
        SP_CHECK(check_not_taken(tx, wanted));
        Device device{
            .id = DeviceId::fresh(moment.now, moment.random),
            .name = wanted.name,
            .serial = wanted.serial,
            .address = wanted.address,
            .port = wanted.port,
            .archetype = wanted.archetype,
            .profile = wanted.profile.value_or(default_profile(wanted.archetype)),
            .state = DeviceState::registered,
            .registered_by = by,
            .created_at = moment.now,
            .details = wanted.details,
        };
        const auto inserted = tx.execute(
            "INSERT INTO device (id, name, serial, address, port, archetype, profile, state, "
            "registered_by, created_at, group_id, mac, ward, ephi, interfaces) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT DO NOTHING",
            {store::value(device.id),
             device.name.text(),
             device.serial,
             device.address,
             std::int64_t{device.port},
             device.archetype,
             to_json(device.profile),
             std::string(to_text(device.state)),
             store::value(by),
             store::value(device.created_at),
             or_null(device.details.group),
             device.details.mac,
             device.details.ward,
             or_empty(device.details.ephi),
             to_json(device.details.interfaces)}
        );
        if (inserted == 0) return refuse(Refusal::conflict, "device.name_taken");
        return device;
    });
}

std::optional<Device> find_device(store::Tx& tx, const DeviceId& id) {
    return first_of(tx.query(std::string(device_columns) + "WHERE id = ?", {store::value(id)}));
}

std::optional<Device> find_device(store::Tx& tx, const DeviceName& name) {
    return first_of(tx.query(std::string(device_columns) + "WHERE name = ?", {name.text()}));
}

std::optional<Device> find_device_by_serial(store::Tx& tx, const std::string& serial) {
    return first_of(tx.query(std::string(device_columns) + "WHERE serial = ?", {serial}));
}

std::vector<Device> members_of(store::Tx& tx, const DeviceGroupId& id) {
    std::vector<Device> devices;
    const auto rows = tx.query(
        std::string(device_columns) + "WHERE group_id = ? AND state <> 'retired' ORDER BY name",
        {store::value(id)}
    );
    for (const auto& row : rows) {
        devices.push_back(device_in(row));
    }
    return devices;
}

std::vector<Device> list_devices(store::Tx& tx) {
    std::vector<Device> devices;
    for (const auto& row : tx.query(std::string(device_columns) + "ORDER BY name")) {
        devices.push_back(device_in(row));
    }
    return devices;
}

void set_device_state(store::Tx& tx, const DeviceId& id, DeviceState state) {
    require_one_row(
        tx.execute(
            "UPDATE device SET state = ? WHERE id = ?",
            {std::string(to_text(state)), store::value(id)}
        ),
        id
    );
}

void set_device_place(
    store::Tx& tx,
    const DeviceId& id,
    const std::string& address,
    std::uint16_t port,
    const DeviceDetails& details
) {
    require_one_row(
        tx.execute(
            "UPDATE device SET address = ?, port = ?, group_id = ?, mac = ?, ward = ?, ephi = ?, "
            "interfaces = ? WHERE id = ?",
            {address,
             std::int64_t{port},
             or_null(details.group),
             details.mac,
             details.ward,
             or_empty(details.ephi),
             to_json(details.interfaces),
             store::value(id)}
        ),
        id
    );
}

void set_device_profile(store::Tx& tx, const DeviceId& id, const DeviceProfile& profile) {
    require_one_row(
        tx.execute(
            "UPDATE device SET profile = ? WHERE id = ?", {to_json(profile), store::value(id)}
        ),
        id
    );
}

}  // namespace sallyport::directory
