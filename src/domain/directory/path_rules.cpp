#include "domain/directory/path_rules.h"

#include "base/core/ascii.h"
#include "base/core/utf8.h"

#include <algorithm>
#include <array>
#include <optional>

namespace sallyport::directory {

namespace {

constexpr std::array<std::string_view, 7> methods{
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"
};

constexpr std::size_t capability_size_max = 32;

std::optional<unsigned> hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
    return std::nullopt;
}

bool is_printable(char c) noexcept {
    return c > ' ' && c < '\x7f';
}

// One escape "%41" at the front of `text`, or nothing if that is not what stands there.
std::optional<char> escape_at_front(std::string_view text) noexcept {
    if (text.size() < 3 || text[0] != '%') return std::nullopt;
    const auto high = hex_digit(text[1]);
    const auto low = hex_digit(text[2]);
    if (!high || !low) return std::nullopt;
    return static_cast<char>(*high * 16 + *low);
}

// Characters that must not come out of an escape: they would change where a segment ends, or start
// another escape.
bool is_ambiguous_when_decoded(char c) noexcept {
    return c == '/' || c == '\\' || c == '%' || c == ';' || c == '.' || c == '?' || c == '#' ||
           static_cast<unsigned char>(c) < 0x20 || c == '\x7f';
}

Result<std::string> percent_decoded(std::string_view raw) {
    std::string decoded;
    decoded.reserve(raw.size());
    while (!raw.empty()) {
        if (raw.front() != '%') {
            decoded += raw.front();
            raw.remove_prefix(1);
            continue;
        }
        const auto c = escape_at_front(raw);
        if (!c) return refuse(Refusal::invalid, "device.path_malformed", "broken escape");
        if (is_ambiguous_when_decoded(*c)) {
            return refuse(Refusal::invalid, "device.path_ambiguous", "escaped delimiter");
        }
        decoded += *c;
        raw.remove_prefix(3);
    }
    return decoded;
}

bool is_dot_segment(std::string_view segment) noexcept {
    return segment == "." || segment == "..";
}

// `path` starts with '/'. An empty segment may only be the last one.
bool has_ambiguous_segment(std::string_view path) noexcept {
    path.remove_prefix(1);
    for (;;) {
        const auto slash = path.find('/');
        const auto segment = path.substr(0, slash);
        if (is_dot_segment(segment)) return true;
        if (slash == std::string_view::npos) return false;
        if (segment.empty()) return true;
        path.remove_prefix(slash + 1);
    }
}

bool holds_ambiguous_byte(std::string_view path) noexcept {
    return path.find('\\') != std::string_view::npos || path.find(';') != std::string_view::npos;
}

std::string_view without_final_slash(std::string_view path) noexcept {
    return path.size() > 1 && path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
}

bool method_matches(const PathRule& rule, std::string_view method) noexcept {
    return rule.method == method ||
           (rule.method == "*" && std::ranges::find(methods, method) != methods.end());
}

// As the device might act: many answer HEAD by doing what GET does and leaving the body out.
bool method_may_mean(const PathRule& rule, std::string_view method) noexcept {
    return method_matches(rule, method) || (method == "HEAD" && rule.method == "GET");
}

bool path_matches(const PathRule& rule, std::string_view path) noexcept {
    const std::string_view pattern = rule.path;
    if (!pattern.ends_with('*')) return path == pattern;
    return path.starts_with(pattern.substr(0, pattern.size() - 1));
}

// As the device might read it: letter case and a final slash make no difference.
bool path_may_mean(const PathRule& rule, std::string_view path) noexcept {
    const std::string_view pattern = rule.path;
    if (!pattern.ends_with('*')) {
        return same_ignoring_case(without_final_slash(path), without_final_slash(pattern));
    }
    const auto prefix = pattern.substr(0, pattern.size() - 1);
    return same_ignoring_case(path.substr(0, prefix.size()), prefix) ||
           same_ignoring_case(path, without_final_slash(prefix));
}

bool is_capability(std::string_view text) noexcept {
    return text.size() <= capability_size_max && std::ranges::all_of(text, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
           });
}

}  // namespace

Result<std::string> normal_path(std::string_view raw_target) {
    if (raw_target.size() > request_target_size_max) {
        return refuse(Refusal::invalid, "device.path_malformed", "too long");
    }
    if (!raw_target.starts_with('/') || !std::ranges::all_of(raw_target, is_printable) ||
        raw_target.find('#') != std::string_view::npos) {
        return refuse(Refusal::invalid, "device.path_malformed", "not in origin form");
    }
    const auto raw_path = raw_target.substr(0, raw_target.find('?'));
    if (holds_ambiguous_byte(raw_path)) return refuse(Refusal::invalid, "device.path_ambiguous");

    SP_TRY(auto path, percent_decoded(raw_path));
    if (has_ambiguous_segment(path) || !is_utf8(path)) {
        return refuse(Refusal::invalid, "device.path_ambiguous");
    }
    return path;
}

Result<void> check_path(
    const DeviceProfile& profile,
    std::string_view method,
    std::string_view path,
    std::span<const std::string> capabilities
) {
    bool allowed = false;
    for (const auto& rule : profile.allow) {
        const bool matches = method_matches(rule, method);
        if (rule.needs.empty()) {
            allowed = allowed || (matches && path_matches(rule, path));
            continue;
        }
        if (!method_may_mean(rule, method) || !path_may_mean(rule, path)) continue;
        if (std::ranges::find(capabilities, rule.needs) == capabilities.end()) {
            return refuse(Refusal::denied, "device.capability_missing", rule.needs);
        }
        allowed = allowed || (matches && path_matches(rule, path));
    }
    if (!allowed) return refuse(Refusal::denied, "device.path_not_allowed");
    return {};
}

bool may_change_state(
    const DeviceProfile& profile, std::string_view method, std::string_view path
) noexcept {
    const bool by_method = method != "GET" && method != "HEAD" && method != "OPTIONS";
    bool named = false;
    for (const auto& rule : profile.allow) {
        if (!method_may_mean(rule, method) || !path_may_mean(rule, path)) continue;
        if (rule.changes.value_or(by_method)) return true;
        named = named || rule.changes;
    }
    return by_method && !named;
}

bool is_well_formed(const PathRule& rule) noexcept {
    const bool known_method =
        rule.method == "*" || std::ranges::find(methods, rule.method) != methods.end();
    if (!known_method || !is_capability(rule.needs)) return false;

    std::string_view path = rule.path;
    if (path.empty() || path.size() > request_target_size_max || path.front() != '/') return false;
    const bool prefix = path.ends_with('*');
    if (prefix) path.remove_suffix(1);
    const bool plain = std::ranges::all_of(path, [](char c) {
        return is_printable(c) && c != '*' && c != '%' && c != '?' && c != '#' && c != ';' &&
               c != '\\';
    });
    if (!plain) return false;
    // "/.*" is a prefix of ordinary names, too; only whole segments can be dot segments.
    return prefix ? !has_ambiguous_segment(std::string(path) + "x") : !has_ambiguous_segment(path);
}

}  // namespace sallyport::directory
