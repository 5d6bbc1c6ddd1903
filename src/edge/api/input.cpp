#include "edge/api/input.h"

#include "base/core/bytes.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <span>

namespace sallyport::api {

namespace {

void wipe(std::string& text) {
    auto gone = crypto::Secret::take(std::as_writable_bytes(std::span(text.data(), text.size())));
    text.clear();
}

bool is_media_type(std::string_view header, std::string_view type) {
    const auto end = header.find(';');
    auto bare = header.substr(0, end);
    while (!bare.empty() && bare.back() == ' ') {
        bare.remove_suffix(1);
    }
    return http::same_field_name(bare, type);
}

using Members = std::vector<std::pair<std::string, std::string>>;

Result<Members> members_of_json(std::string_view body) {
    // A policy or a device's profile is nested, a hostile body much deeper: the callback keeps it
    // from being built, and nothing is left out unsaid.
    bool too_deep = false;
    const auto bounded = [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json&) {
        using Event = nlohmann::json::parse_event_t;
        const bool opens = event == Event::object_start || event == Event::array_start;
        if (depth < Input::depth_max || !opens) return true;
        too_deep = true;
        return false;
    };
    auto json = nlohmann::json::parse(body, bounded, false);
    if (too_deep) return refuse(Refusal::invalid, "input.malformed", "nested too deeply");
    if (!json.is_object()) return refuse(Refusal::invalid, "input.malformed", "not a JSON object");

    Members members;
    for (auto&& [name, value] : json.items()) {
        if (value.is_string()) {
            auto& text = value.get_ref<std::string&>();
            members.emplace_back(name, text);
            wipe(text);
        } else if (value.is_array()) {
            for (const auto& element : value) {
                if (!element.is_string()) return refuse(Refusal::invalid, "input.malformed", name);
                members.emplace_back(name, element.get<std::string>());
            }
        } else if (!value.is_null()) {
            members.emplace_back(name, value.dump());
        }
    }
    return members;
}

Result<Members> members_of_form(std::string_view encoded) {
    SP_TRY(auto form, http::Form::parse(encoded));
    return std::move(form).take();
}

}  // namespace

Input::~Input() {
    for (auto& [name, value] : members_) {
        wipe(value);
    }
}

Result<Input> Input::take_from(http::Request& request) {
    Input input;
    Result<Members> members;
    if (request.method == "GET" || request.method == "HEAD") {
        members = members_of_form(request.query);
    } else if (!request.body.empty()) {
        const auto type = request.headers.only("content-type").value_or("");
        if (is_media_type(type, "application/json")) {
            input.is_json_ = true;
            members = members_of_json(request.body);
        } else if (is_media_type(type, "application/x-www-form-urlencoded")) {
            members = members_of_form(request.body);
        } else {
            return refuse(Refusal::invalid, "input.type_unknown");
        }
        wipe(request.body);
    }
    if (!members) return std::unexpected(members.error());
    if (members->size() > members_max) return refuse(Refusal::invalid, "input.too_many");
    input.members_ = *std::move(members);
    return input;
}

bool Input::has(std::string_view name) const {
    return std::ranges::any_of(members_, [&](const auto& member) { return member.first == name; });
}

std::string Input::text(std::string_view name) const {
    const std::string* found = nullptr;
    for (const auto& [key, value] : members_) {
        if (key != name) continue;
        if (found != nullptr) return {};
        found = &value;
    }
    return found == nullptr ? std::string() : *found;
}

Result<std::string> Input::required(std::string_view name) const {
    auto value = text(name);
    if (value.empty()) return refuse(Refusal::invalid, "input.missing", std::string(name));
    return value;
}

Result<crypto::Secret> Input::secret(std::string_view name) const {
    SP_TRY(auto value, required(name));
    return crypto::Secret::take(std::as_writable_bytes(std::span(value.data(), value.size())));
}

Result<crypto::Secret> Input::new_passphrase() const {
    SP_TRY(auto typed, secret("passphrase"));
    if (is_json_) return typed;
    SP_TRY(const auto repeated, secret("repeated"));
    if (!crypto::constant_time_equal(typed, repeated)) {
        return refuse(Refusal::invalid, "passphrase.not_the_same");
    }
    return typed;
}

Result<Time> Input::time(std::string_view name) const {
    SP_TRY(auto value, required(name));
    // What <input type="datetime-local"> sends has no zone; the pages say that times are UTC.
    constexpr std::size_t minutes_only = std::string_view("2026-11-22T08:30").size();
    if (value.size() == minutes_only) value += ":00Z";
    auto time = parse_time(value);
    if (!time) return refuse(Refusal::invalid, "input.time_malformed", std::string(name));
    return *time;
}

Result<std::int64_t> Input::integer(std::string_view name) const {
    SP_TRY(const auto value, required(name));
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size()) {
        return refuse(Refusal::invalid, "input.number_malformed", std::string(name));
    }
    return number;
}

std::vector<std::string> Input::list(std::string_view name) const {
    std::vector<std::string> out;
    for (const auto& [key, value] : members_) {
        if (key != name) continue;
        std::string_view rest = value;
        while (!rest.empty()) {
            const auto comma = rest.find(',');
            auto item = rest.substr(0, comma);
            while (!item.empty() && item.front() == ' ') {
                item.remove_prefix(1);
            }
            while (!item.empty() && item.back() == ' ') {
                item.remove_suffix(1);
            }
            if (!item.empty()) out.emplace_back(item);
            rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
        }
    }
    return out;
}

}  // namespace sallyport::api
