#include "domain/directory/device_reading.h"

#include "domain/directory/bounded_json.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace sallyport::directory {

namespace {

Result<std::string> malformed(std::string why) {
    return refuse(Refusal::invalid, "device.reading_malformed", std::move(why));
}

// "~1" is a slash, "~0" a tilde (RFC 6901 §4).
std::string unescaped(std::string_view step) {
    std::string out;
    for (std::size_t at = 0; at < step.size(); ++at) {
        const bool escape = step[at] == '~' && at + 1 < step.size();
        if (!escape) {
            out += step[at];
            continue;
        }
        out += step[++at] == '1' ? '/' : '~';
    }
    return out;
}

std::optional<std::size_t> index_in(std::string_view step) {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
    const bool whole = error == std::errc() && end == step.data() + step.size();
    const bool canonical = step == "0" || !step.starts_with('0');
    return whole && canonical ? std::optional(index) : std::nullopt;
}

const nlohmann::json* step_into(const nlohmann::json& value, const std::string& step) {
    if (value.is_object()) {
        const auto found = value.find(step);
        return found == value.end() ? nullptr : &*found;
    }
    if (!value.is_array()) return nullptr;
    const auto index = index_in(step);
    return index && *index < value.size() ? &value[*index] : nullptr;
}

bool is_printable(std::string_view text) noexcept {
    return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < '\x7f'; });
}

}  // namespace

bool is_pointer(std::string_view text) noexcept {
    if (!text.starts_with('/') || text.size() > pointer_size_max) return false;
    for (auto at = text.find('~'); at != std::string_view::npos; at = text.find('~', at + 1)) {
        const bool escape = at + 1 < text.size() && (text[at + 1] == '0' || text[at + 1] == '1');
        if (!escape) return false;
    }
    return true;
}

Result<std::string> value_at(std::string_view json, std::string_view pointer) {
    std::string problem;
    nlohmann::json document;
    if (!parse_bounded_json(json, reading_answer_size_max, document, problem)) {
        return malformed(std::move(problem));
    }
    const nlohmann::json* value = &document;
    while (value != nullptr && !pointer.empty()) {
        pointer.remove_prefix(1);
        const auto size = std::min(pointer.find('/'), pointer.size());
        value = step_into(*value, unescaped(pointer.substr(0, size)));
        pointer.remove_prefix(size);
    }
    if (value == nullptr) return malformed("nothing at the pointer");
    if (value->is_boolean() || value->is_number()) return value->dump();
    if (!value->is_string()) return malformed("no text, number or truth value at the pointer");
    auto text = value->get<std::string>();
    const bool plain = !text.empty() && text.size() <= reading_value_size_max && is_printable(text);
    if (!plain) return malformed("the text is empty, too long or not printable");
    return text;
}

bool is_stopped(const TherapyRule& rule, std::string_view value) {
    return std::ranges::find(rule.stopped, value) != rule.stopped.end();
}

}  // namespace sallyport::directory
