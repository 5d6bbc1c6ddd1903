#include "edge/api/device_json.h"

#include "domain/directory/text_rules.h"

#include <nlohmann/json.hpp>

#include <array>
#include <limits>
#include <string>
#include <utility>

namespace sallyport::api {

namespace {

constexpr std::size_t ward_size_max = 100;

constexpr auto gap_texts = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"ephi_undecided", "not said what it does with patients' data"},
    {"ward_unknown", "no ward"},
    {"interfaces_missing", "no interfaces listed"},
    {"interface_uncovered", "nothing covers"},
    {"last_hop_clear", "readable on its last hop:"},
    {"mds2_missing", "no MDS2 statement"},
    {"deployed_unknown", "not said how many there are"},
    {"count_differs", ""},
});

}  // namespace

std::string gap_words(const directory::RegisterGap& gap) {
    std::string words;
    for (const auto& [what, text] : gap_texts) {
        if (what == gap.what) words = text;
    }
    if (!words.empty() && !gap.detail.empty()) words += ' ';
    return words + gap.detail;
}

nlohmann::json gaps_json(const std::vector<directory::RegisterGap>& gaps) {
    auto json = nlohmann::json::array();
    for (const auto& gap : gaps) {
        json.push_back({{"what", gap.what}, {"detail", gap.detail}});
    }
    return json;
}

nlohmann::json device_json(
    const directory::Device& device, const directory::DeviceGroup* group, const Site& site
) {
    const auto& details = device.details;
    return {
        {"id", device.id.text()},
        {"name", device.name.text()},
        {"serial", device.serial},
        {"address", device.address},
        {"port", device.port},
        {"archetype", device.archetype},
        {"state", directory::to_text(device.state)},
        {"url", site.device_origin(device.name.text()) + "/"},
        {"profile", nlohmann::json::parse(directory::to_json(device.profile))},
        {"ward", details.ward},
        {"mac", details.mac},
        {"ephi", details.ephi ? directory::to_text(*details.ephi) : ""},
        {"group", group == nullptr ? "" : group->name.text()},
        {"interfaces",
         nlohmann::json::parse(directory::to_json(directory::interfaces_of(device, group)))},
        {"gaps", gaps_json(directory::gaps_of(device, group))},
    };
}

nlohmann::json group_json(const directory::DeviceGroup& group, std::int64_t members) {
    nlohmann::json json{
        {"id", group.id.text()},
        {"name", group.name.text()},
        {"description", group.description},
        {"deployed", nullptr},
        {"registered", members},
        {"mds2_reference", group.mds2 ? group.mds2->reference : ""},
        {"mds2_sha256", group.mds2 ? group.mds2->sha256 : ""},
        {"mds2_date", group.mds2 ? group.mds2->date : ""},
        {"interfaces", nlohmann::json::parse(directory::to_json(group.interfaces))},
        {"profile", nullptr},
        {"gaps", gaps_json(directory::gaps_of(group, members))},
    };
    if (group.deployed) json["deployed"] = *group.deployed;
    if (group.profile) json["profile"] = nlohmann::json::parse(directory::to_json(*group.profile));
    return json;
}

Result<directory::DeviceDetails> details_in(store::Tx& tx, const Input& input) {
    directory::DeviceDetails details;
    SP_TRY(const auto ephi, input.required("ephi"));
    SP_TRY(details.ephi, directory::parse_ephi_use(ephi));
    details.ward = input.text("ward");
    if (!details.ward.empty() && !directory::is_clean_text(details.ward, 1, ward_size_max)) {
        return refuse(Refusal::invalid, "device.ward_malformed");
    }
    if (const auto mac = input.text("mac"); !mac.empty()) {
        SP_TRY(details.mac, directory::parse_mac(mac));
    }
    if (const auto interfaces = input.text("interfaces"); !interfaces.empty()) {
        SP_TRY(details.interfaces, directory::parse_interfaces(interfaces));
    }
    if (const auto group_name = input.text("group"); !group_name.empty()) {
        const auto name = directory::DeviceName::parse(group_name);
        const auto group = name ? directory::find_device_group(tx, *name) : std::nullopt;
        if (!group) return refuse(Refusal::not_found, "device_group.unknown");
        details.group = group->id;
    }
    return details;
}

Result<std::uint16_t> port_in(const Input& input, std::uint16_t usual) {
    if (!input.has("port")) return usual;
    SP_TRY(const auto port, input.integer("port"));
    if (port < 1 || port > std::numeric_limits<std::uint16_t>::max()) {
        return refuse(Refusal::invalid, "input.number_malformed", "port");
    }
    return static_cast<std::uint16_t>(port);
}

governance::DeviceNetwork device_network(const Services& services) {
    return {
        .rules =
            services.site.demo ? directory::AddressRules::demo : directory::AddressRules::strict,
        .own = services.listeners,
    };
}

}  // namespace sallyport::api
