#include "domain/directory/device_group.h"

#include "base/core/fault.h"
#include "domain/directory/text_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

namespace sallyport::directory {

namespace {

constexpr std::size_t description_size_max = 500;
constexpr std::size_t reference_size_max = 200;
constexpr std::size_t sha256_size = 64;
constexpr std::string_view date_form = "2026-11-23";

constexpr std::string_view group_columns =
    "SELECT id, name, description, deployed, mds2_reference, mds2_sha256, mds2_date, interfaces, "
    "profile, created_at FROM device_group ";

template <class Value>
Value stored(Result<Value> value, std::string_view what) {
    if (!value) throw Fault(fmt::format("a stored device group's {} is malformed", what));
    return *std::move(value);
}

DeviceGroup group_in(const store::Row& row) {
    std::optional<Mds2Reference> mds2;
    if (!row.text(4).empty()) mds2 = Mds2Reference{row.text(4), row.text(5), row.text(6)};
    std::optional<DeviceProfile> profile;
    if (!row.is_null(8)) profile = stored(parse_device_profile(row.text(8)), "profile");
    return {
        .id = row.id<DeviceGroupId>(0),
        .name = stored(DeviceName::parse(row.text(1)), "name"),
        .description = row.text(2),
        .deployed = row.is_null(3) ? std::nullopt : std::optional(row.integer(3)),
        .mds2 = std::move(mds2),
        .interfaces = stored(parse_interfaces(row.text(7)), "list of interfaces"),
        .profile = std::move(profile),
        .created_at = row.time(9),
    };
}

std::optional<DeviceGroup> first_of(const std::vector<store::Row>& rows) {
    if (rows.empty()) return std::nullopt;
    return group_in(rows.front());
}

bool is_date(std::string_view text) {
    if (text.size() != date_form.size() || text[4] != '-' || text[7] != '-') return false;
    int parts[3]{};
    const std::size_t begins[]{0, 5, 8};
    const std::size_t ends[]{4, 7, 10};
    for (std::size_t part = 0; part < 3; ++part) {
        for (std::size_t at = begins[part]; at < ends[part]; ++at) {
            if (text[at] < '0' || text[at] > '9') return false;
            parts[part] = parts[part] * 10 + (text[at] - '0');
        }
    }
    const std::chrono::year_month_day day{
        std::chrono::year(parts[0]),
        std::chrono::month(static_cast<unsigned>(parts[1])),
        std::chrono::day(static_cast<unsigned>(parts[2]))
    };
    return day.ok();
}

bool is_sha256(std::string_view text) noexcept {
    return text.size() == sha256_size && std::ranges::all_of(text, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

Result<void> check_form(const NewDeviceGroup& wanted) {
    if (!wanted.description.empty() &&
        !is_clean_text(wanted.description, 1, description_size_max)) {
        return refuse(Refusal::invalid, "device_group.description");
    }
    if (wanted.deployed && (*wanted.deployed < 0 || *wanted.deployed > deployed_max)) {
        return refuse(Refusal::invalid, "device_group.deployed");
    }
    if (!wanted.mds2) return {};
    const auto malformed = [](std::string_view member) {
        return refuse(Refusal::invalid, "device_group.mds2_malformed", std::string(member));
    };
    if (!is_clean_text(wanted.mds2->reference, 1, reference_size_max)) {
        return malformed("mds2_reference");
    }
    if (!is_sha256(wanted.mds2->sha256)) return malformed("mds2_sha256");
    if (!is_date(wanted.mds2->date)) return malformed("mds2_date");
    return {};
}

store::Value or_null(const std::optional<std::int64_t>& number) {
    return number ? store::Value(*number) : store::Value();
}

store::Value or_null(const std::optional<DeviceProfile>& profile) {
    return profile ? store::Value(to_json(*profile)) : store::Value();
}

}  // namespace

Result<DeviceGroup> create_device_group(
    store::Tx& tx, const NewDeviceGroup& wanted, const Moment& moment
) {
    SP_CHECK(check_form(wanted));
    DeviceGroup group{
        .id = DeviceGroupId::fresh(moment.now, moment.random),
        .name = wanted.name,
        .description = wanted.description,
        .deployed = wanted.deployed,
        .mds2 = wanted.mds2,
        .interfaces = wanted.interfaces,
        .profile = wanted.profile,
        .created_at = moment.now,
    };
    const auto mds2 = wanted.mds2.value_or(Mds2Reference{});
    const auto inserted = tx.execute(
        "INSERT INTO device_group (id, name, description, deployed, mds2_reference, mds2_sha256, "
        "mds2_date, interfaces, profile, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        {store::value(group.id),
         group.name.text(),
         group.description,
         or_null(group.deployed),
         mds2.reference,
         mds2.sha256,
         mds2.date,
         to_json(group.interfaces),
         or_null(group.profile),
         store::value(group.created_at)}
    );
    if (inserted == 0) return refuse(Refusal::conflict, "device_group.name_taken");
    return group;
}

Result<void> replace_device_group(
    store::Tx& tx, const DeviceGroupId& id, const NewDeviceGroup& wanted
) {
    SP_CHECK(check_form(wanted));
    const auto mds2 = wanted.mds2.value_or(Mds2Reference{});
    const auto changed = tx.execute(
        "UPDATE device_group SET description = ?, deployed = ?, mds2_reference = ?, "
        "mds2_sha256 = ?, mds2_date = ?, interfaces = ?, profile = ? WHERE id = ?",
        {wanted.description,
         or_null(wanted.deployed),
         mds2.reference,
         mds2.sha256,
         mds2.date,
         to_json(wanted.interfaces),
         or_null(wanted.profile),
         store::value(id)}
    );
    if (changed != 1) throw Fault("there is no device group " + id.text());
    return {};
}

std::optional<DeviceGroup> find_device_group(store::Tx& tx, const DeviceGroupId& id) {
    return first_of(tx.query(std::string(group_columns) + "WHERE id = ?", {store::value(id)}));
}

std::optional<DeviceGroup> find_device_group(store::Tx& tx, const DeviceName& name) {
    return first_of(tx.query(std::string(group_columns) + "WHERE name = ?", {name.text()}));
}

std::vector<DeviceGroup> list_device_groups(store::Tx& tx) {
    std::vector<DeviceGroup> groups;
    for (const auto& row : tx.query(std::string(group_columns) + "ORDER BY name")) {
        groups.push_back(group_in(row));
    }
    return groups;
}

std::int64_t count_members(store::Tx& tx, const DeviceGroupId& id) {
    const auto rows = tx.query(
        "SELECT count(*) FROM device WHERE group_id = ? AND state <> 'retired'", {store::value(id)}
    );
    return rows.front().integer(0);
}

const std::vector<DeviceInterface>& interfaces_of(const Device& device, const DeviceGroup* group) {
    const bool own = !device.details.interfaces.empty() || group == nullptr;
    return own ? device.details.interfaces : group->interfaces;
}

std::vector<RegisterGap> gaps_of(const Device& device, const DeviceGroup* group) {
    std::vector<RegisterGap> gaps;
    if (!device.details.ephi) gaps.push_back({"ephi_undecided", {}});
    if (device.details.ward.empty()) gaps.push_back({"ward_unknown", {}});
    const auto& interfaces = interfaces_of(device, group);
    if (interfaces.empty()) gaps.push_back({"interfaces_missing", {}});
    for (const auto& entry : interfaces) {
        if (entry.control == InterfaceControl::none) {
            gaps.push_back({"interface_uncovered", entry.name});
        }
    }
    for (const auto& entry : interfaces) {
        const bool reached = entry.control == InterfaceControl::gateway;
        if (reached && entry.last_hop == LastHop::clear) {
            gaps.push_back({"last_hop_clear", entry.name});
        }
    }
    return gaps;
}

std::vector<RegisterGap> gaps_of(const DeviceGroup& group, std::int64_t members) {
    std::vector<RegisterGap> gaps;
    if (!group.mds2) gaps.push_back({"mds2_missing", {}});
    if (!group.deployed) {
        gaps.push_back({"deployed_unknown", {}});
    } else if (*group.deployed != members) {
        gaps.push_back(
            {"count_differs", fmt::format("{} deployed, {} registered", *group.deployed, members)}
        );
    }
    return gaps;
}

}  // namespace sallyport::directory
