#include "domain/directory/bounded_json.h"
#include "domain/directory/device.h"
#include "domain/directory/device_reading.h"
#include "domain/directory/path_rules.h"

#include <fmt/format.h>

#include <utility>

namespace sallyport::directory {

namespace {

constexpr std::size_t document_size_max = 64UZ << 10;
constexpr std::size_t rules_max = 200;
constexpr std::int64_t body_max = 1LL << 30;
constexpr std::int64_t connect_seconds_max = 60;
constexpr std::int64_t answer_seconds_max = 600;
constexpr std::size_t stopped_values_max = 20;

PathRule rule_in(const nlohmann::json& object, const std::string& path, std::string& problem) {
    MemberReader members(object, path, problem);
    PathRule rule;
    rule.method = members.text("method", 1, 16);
    rule.path = members.text("path", 1, request_target_size_max);
    if (members.has("needs")) rule.needs = members.text("needs", 1, 32);
    if (members.has("changes")) rule.changes = members.boolean("changes");
    members.finish();
    if (problem.empty() && !is_well_formed(rule)) {
        problem = path +
                  ": needs a known method (or *) and an absolute, normalised path that may "
                  "end in *";
    }
    return rule;
}

// The members that every reading has; the caller takes what else there is, and finishes.
DeviceReading reading_in(MemberReader& members, const std::string& path, std::string& problem) {
    DeviceReading reading;
    reading.path = members.text("path", 1, request_target_size_max);
    reading.pointer = members.text("pointer", 1, pointer_size_max);
    if (members.has("with_credential")) {
        reading.with_credential = members.boolean("with_credential");
    }
    const bool one_path =
        !reading.path.ends_with('*') && is_well_formed(PathRule{"GET", reading.path, ""});
    if (problem.empty() && !one_path) {
        problem = path + ".path: must be absolute and normalised, without *";
    }
    if (problem.empty() && !is_pointer(reading.pointer)) {
        problem = path + ".pointer: must be a JSON pointer (RFC 6901) such as /pump/serial";
    }
    return reading;
}

DeviceReading identity_in(const nlohmann::json& object, std::string& problem) {
    MemberReader members(object, "identity", problem);
    auto reading = reading_in(members, "identity", problem);
    members.finish();
    return reading;
}

TherapyRule therapy_in(const nlohmann::json& object, std::string& problem) {
    MemberReader members(object, "therapy", problem);
    TherapyRule rule{reading_in(members, "therapy", problem), {}};
    for (const auto& value : members.array("stopped", stopped_values_max)) {
        const bool text = value.is_string() && !value.get_ref<const std::string&>().empty() &&
                          value.get_ref<const std::string&>().size() <= reading_value_size_max;
        if (!text) {
            members.complain("stopped", "must be texts of 1 to 200 bytes");
            break;
        }
        rule.stopped.push_back(value.get<std::string>());
    }
    members.finish();
    if (problem.empty() && rule.stopped.empty()) {
        problem = "therapy.stopped: must name at least one value";
    }
    return rule;
}

nlohmann::ordered_json json_of(const DeviceReading& reading) {
    nlohmann::ordered_json json{{"path", reading.path}, {"pointer", reading.pointer}};
    if (reading.with_credential) json["with_credential"] = true;
    return json;
}

}  // namespace

std::string to_json(const DeviceProfile& profile) {
    auto allow = nlohmann::ordered_json::array();
    for (const auto& rule : profile.allow) {
        nlohmann::ordered_json entry{{"method", rule.method}, {"path", rule.path}};
        if (!rule.needs.empty()) entry["needs"] = rule.needs;
        if (rule.changes) entry["changes"] = *rule.changes;
        allow.push_back(std::move(entry));
    }
    nlohmann::ordered_json document{
        {"allow", std::move(allow)},
        {"request_body_max", profile.request_body_max},
        {"response_body_max", profile.response_body_max},
        {"connect_timeout_seconds", profile.connect_timeout.count()},
        {"answer_timeout_seconds", profile.answer_timeout.count()},
        {"upgrade_allowed", profile.upgrade_allowed},
        {"answers_cacheable", profile.answers_cacheable},
        {"cookies_readable", profile.cookies_readable},
    };
    if (profile.identity) document["identity"] = json_of(*profile.identity);
    if (profile.therapy) {
        auto therapy = json_of(profile.therapy->reading);
        therapy["stopped"] = profile.therapy->stopped;
        document["therapy"] = std::move(therapy);
    }
    return document.dump();
}

Result<DeviceProfile> parse_device_profile(std::string_view json) {
    std::string problem;
    nlohmann::json document;
    if (!parse_bounded_json(json, document_size_max, document, problem)) {
        return refuse(Refusal::invalid, "device_profile.malformed", std::move(problem));
    }

    DeviceProfile profile;
    MemberReader members(document, "", problem);
    const auto& allow = members.array("allow", rules_max);
    for (std::size_t i = 0; i < allow.size(); ++i) {
        profile.allow.push_back(rule_in(allow[i], fmt::format("allow[{}]", i), problem));
    }
    const auto bytes = [&](std::string_view name, std::uint64_t& member) {
        if (members.has(name)) {
            member = static_cast<std::uint64_t>(members.integer(name, 0, body_max));
        }
    };
    const auto seconds = [&](std::string_view name, std::int64_t max, std::chrono::seconds& member
                         ) {
        if (members.has(name)) member = std::chrono::seconds(members.integer(name, 1, max));
    };
    const auto flag = [&](std::string_view name, bool& member) {
        if (members.has(name)) member = members.boolean(name);
    };
    bytes("request_body_max", profile.request_body_max);
    bytes("response_body_max", profile.response_body_max);
    seconds("connect_timeout_seconds", connect_seconds_max, profile.connect_timeout);
    seconds("answer_timeout_seconds", answer_seconds_max, profile.answer_timeout);
    flag("upgrade_allowed", profile.upgrade_allowed);
    flag("answers_cacheable", profile.answers_cacheable);
    flag("cookies_readable", profile.cookies_readable);
    if (members.has("identity")) {
        profile.identity = identity_in(members.object("identity"), problem);
    }
    if (members.has("therapy")) profile.therapy = therapy_in(members.object("therapy"), problem);
    members.finish();
    if (!problem.empty()) {
        return refuse(Refusal::invalid, "device_profile.malformed", std::move(problem));
    }
    return profile;
}

DeviceProfile default_profile(std::string_view archetype) {
    DeviceProfile profile;
    profile.allow = {{"GET", "/*", ""}, {"HEAD", "/*", ""}};
    if (archetype == "A2") {
        profile.allow.push_back({"POST", "/infusion*", ""});
        profile.allow.push_back({"POST", "/service-mode*", ""});
        profile.allow.push_back({"POST", "/firmware", "firmware"});
    }
    return profile;
}

}  // namespace sallyport::directory
