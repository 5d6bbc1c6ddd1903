#include "domain/directory/device_details.h"

#include "domain/directory/bounded_json.h"
#include "domain/directory/text_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace sallyport::directory {

namespace {

constexpr std::size_t interfaces_size_max = 64UZ << 10;
constexpr std::size_t name_size_max = 100;
constexpr std::size_t reference_size_max = 200;
constexpr std::int64_t port_max = 65535;

template <class Value, std::size_t size>
using Texts = std::array<std::pair<Value, std::string_view>, size>;

constexpr Texts<InterfaceKind, 6> kind_texts{{
    {InterfaceKind::network, "network"},
    {InterfaceKind::serial, "serial"},
    {InterfaceKind::usb, "usb"},
    {InterfaceKind::wireless, "wireless"},
    {InterfaceKind::console, "console"},
    {InterfaceKind::maintenance_mode, "maintenance_mode"},
}};

constexpr Texts<InterfaceAuthentication, 5> authentication_texts{{
    {InterfaceAuthentication::none, "none"},
    {InterfaceAuthentication::fixed_password, "fixed_password"},
    {InterfaceAuthentication::shared_password, "shared_password"},
    {InterfaceAuthentication::personal, "personal"},
    {InterfaceAuthentication::certificate, "certificate"},
}};

constexpr Texts<InterfaceControl, 6> control_texts{{
    {InterfaceControl::none, "none"},
    {InterfaceControl::gateway, "gateway"},
    {InterfaceControl::network_rule, "network_rule"},
    {InterfaceControl::physical, "physical"},
    {InterfaceControl::disabled, "disabled"},
    {InterfaceControl::accepted_risk, "accepted_risk"},
}};

constexpr Texts<LastHop, 3> hop_texts{{
    {LastHop::clear, "clear"},
    {LastHop::isolated, "isolated"},
    {LastHop::encrypted, "encrypted"},
}};

template <class Value, std::size_t size>
std::string_view text_of(const Texts<Value, size>& texts, Value value) noexcept {
    return std::ranges::find(texts, value, &std::pair<Value, std::string_view>::first)->second;
}

template <class Value, std::size_t size>
Value one_of(MemberReader& members, std::string_view name, const Texts<Value, size>& texts) {
    constexpr std::size_t word_size_max = 32;
    const auto text = members.text(name, 1, word_size_max);
    std::string known;
    for (const auto& [value, word] : texts) {
        if (word == text) return value;
        known += (known.empty() ? "" : ", ") + std::string(word);
    }
    members.complain(name, "must be one of " + known);
    return texts.front().first;
}

bool reaches_network(InterfaceKind kind) noexcept {
    return kind == InterfaceKind::network || kind == InterfaceKind::wireless;
}

DeviceInterface interface_in(
    const nlohmann::json& object, const std::string& path, std::string& problem
) {
    MemberReader members(object, path, problem);
    DeviceInterface entry;
    entry.name = members.text("name", 1, name_size_max);
    entry.kind = one_of(members, "kind", kind_texts);
    if (members.has("port")) {
        entry.port = static_cast<std::uint16_t>(members.integer("port", 1, port_max));
        if (!reaches_network(entry.kind)) members.complain("port", "is a network interface's");
    }
    entry.authentication = one_of(members, "authentication", authentication_texts);
    entry.control = one_of(members, "control", control_texts);
    if (members.has("reference")) {
        entry.reference = members.text("reference", 1, reference_size_max);
    }
    if (entry.control == InterfaceControl::accepted_risk && entry.reference.empty()) {
        members.complain("reference", "must name the accepted risk");
    }
    if (members.has("last_hop")) {
        entry.last_hop = one_of(members, "last_hop", hop_texts);
        if (!reaches_network(entry.kind)) members.complain("last_hop", "is a network interface's");
    }
    if (members.has("attestation")) {
        entry.attestation = members.text("attestation", 1, reference_size_max);
    }
    if (entry.last_hop == LastHop::isolated && entry.attestation.empty()) {
        members.complain("attestation", "must say who attests it, when, under which ticket");
    }
    members.finish();
    return entry;
}

nlohmann::ordered_json json_of(const DeviceInterface& entry) {
    nlohmann::ordered_json json{{"name", entry.name}, {"kind", to_text(entry.kind)}};
    if (entry.port != 0) json["port"] = entry.port;
    json["authentication"] = to_text(entry.authentication);
    json["control"] = to_text(entry.control);
    if (!entry.reference.empty()) json["reference"] = entry.reference;
    if (reaches_network(entry.kind)) json["last_hop"] = to_text(entry.last_hop);
    if (!entry.attestation.empty()) json["attestation"] = entry.attestation;
    return json;
}

}  // namespace

std::string_view to_text(InterfaceKind kind) noexcept {
    return text_of(kind_texts, kind);
}

std::string_view to_text(InterfaceAuthentication authentication) noexcept {
    return text_of(authentication_texts, authentication);
}

std::string_view to_text(InterfaceControl control) noexcept {
    return text_of(control_texts, control);
}

std::string_view to_text(LastHop hop) noexcept {
    return text_of(hop_texts, hop);
}

std::string to_text(const EphiUse& use) {
    std::string text;
    if (use.creates) text += 'C';
    if (use.receives) text += 'R';
    if (use.maintains) text += 'M';
    if (use.transmits) text += 'T';
    return text.empty() ? "none" : text;
}

Result<EphiUse> parse_ephi_use(std::string_view text) {
    const auto malformed = [] {
        return refuse(
            Refusal::invalid,
            "device.ephi_malformed",
            "letters of CRMT (creates, receives, maintains, transmits), or none"
        );
    };
    EphiUse use;
    if (text == "none" || text == "None" || text == "NONE") return use;
    if (text.empty()) return malformed();
    for (const char letter : text) {
        bool* flag = nullptr;
        if (letter == 'C' || letter == 'c') flag = &use.creates;
        if (letter == 'R' || letter == 'r') flag = &use.receives;
        if (letter == 'M' || letter == 'm') flag = &use.maintains;
        if (letter == 'T' || letter == 't') flag = &use.transmits;
        if (flag == nullptr || *flag) return malformed();
        *flag = true;
    }
    return use;
}

std::string to_json(const std::vector<DeviceInterface>& interfaces) {
    auto list = nlohmann::ordered_json::array();
    for (const auto& entry : interfaces) {
        list.push_back(json_of(entry));
    }
    return list.dump();
}

Result<std::vector<DeviceInterface>> parse_interfaces(std::string_view json) {
    // The bounded reader takes objects; a list is a member of one.
    std::string problem;
    nlohmann::json document;
    const auto wrapped = R"({"interfaces":)" + std::string(json) + "}";
    if (!parse_bounded_json(wrapped, interfaces_size_max, document, problem)) {
        return refuse(Refusal::invalid, "device.interfaces_malformed", std::move(problem));
    }
    std::vector<DeviceInterface> interfaces;
    MemberReader members(document, "", problem);
    const auto& list = members.array("interfaces", interfaces_max);
    std::set<std::string, std::less<>> names;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const auto path = fmt::format("interfaces[{}]", i);
        interfaces.push_back(interface_in(list[i], path, problem));
        if (problem.empty() && !names.insert(interfaces.back().name).second) {
            problem = path + ".name: another interface has it";
        }
    }
    members.finish();
    if (!problem.empty()) {
        return refuse(Refusal::invalid, "device.interfaces_malformed", std::move(problem));
    }
    return interfaces;
}

Result<std::string> parse_mac(std::string_view text) {
    constexpr std::size_t mac_size = 17;
    const auto malformed = [] {
        return refuse(Refusal::invalid, "device.mac_malformed", "six bytes as 00:1b:63:84:45:e6");
    };
    if (text.size() != mac_size) return malformed();
    const char mark = text[2];
    if (mark != ':' && mark != '-') return malformed();
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (at % 3 == 2) {
            if (c != mark) return malformed();
            out += ':';
            continue;
        }
        const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        const bool capital = c >= 'A' && c <= 'F';
        if (!digit && !capital) return malformed();
        out += capital ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

}  // namespace sallyport::directory
