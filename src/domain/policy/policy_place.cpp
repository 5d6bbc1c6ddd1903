#include "domain/policy/policy_place.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

namespace sallyport::policy {

namespace {

using Json = nlohmann::json;

// A member's name, or an element's position.
using Path = std::vector<std::string>;

// "roles[3].risk" is roles, 3, risk.
Path names_in(std::string_view member) {
    Path names(1);
    for (const char c : member) {
        if (c == '.' || c == '[') {
            names.emplace_back();
        } else if (c != ']') {
            names.back() += c;
        }
    }
    return names;
}

bool is_called(const Json& element, const std::string& name) {
    if (!element.is_object()) return false;
    const auto text = [&](const char* member) {
        const auto found = element.find(member);
        return found != element.end() && found->is_string() ? found->get<std::string>() : "";
    };
    return text("name") == name || text("role") + "/" + text("zone") == name;
}

// The position that `name` is, or that the element of that name has.
std::optional<std::size_t> position_in(const Json& array, const std::string& name) {
    std::size_t position = 0;
    const auto* const end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data(), end, position);
    if (error == std::errc() && stop == end && position < array.size()) return position;
    const auto found =
        std::ranges::find_if(array, [&](const Json& each) { return is_called(each, name); });
    if (found == array.end()) return std::nullopt;
    return static_cast<std::size_t>(found - array.begin());
}

// As far into the document as the names lead.
Path resolved(const Json& document, const Path& names) {
    Path path;
    const Json* here = &document;
    for (const auto& name : names) {
        if (here->is_object() && here->contains(name)) {
            path.push_back(name);
            here = &here->at(name);
        } else if (here->is_array()) {
            const auto position = position_in(*here, name);
            if (!position) break;
            path.push_back(std::to_string(*position));
            here = &here->at(*position);
        } else {
            break;
        }
    }
    return path;
}

// Goes through a text that is known to be JSON.
class Walker {
public:
    explicit Walker(std::string_view text) : text_(text) {}

    // To the value that `path` leads to.
    std::size_t find(const Path& path) {
        skip_space();
        for (const auto& step : path) {
            enter(step);
        }
        return at_;
    }

private:
    // From an object's or array's first byte to the value of that member or element.
    void enter(const std::string& step) {
        const bool object = at() == '{';
        ++at_;
        for (std::size_t position = 0; at_ < text_.size(); ++position) {
            skip_space();
            bool wanted = !object && std::to_string(position) == step;
            if (object) {
                // Not the object that was parsed: a member that is there twice counts by its last.
                if (at() != '"') return;
                const auto begin = at_;
                skip_string();
                const auto name = Json::parse(text_.substr(begin, at_ - begin), nullptr, false);
                wanted = name == step;
                skip_space();
                ++at_;  // the colon
                skip_space();
            }
            if (wanted) return;
            skip_value();
            skip_space();
            ++at_;  // the comma
        }
    }

    void skip_value() {
        std::size_t depth = 0;
        do {
            const char c = at();
            if (c == '"') {
                skip_string();
                continue;
            }
            if (depth == 0 && (c == ',' || c == '}' || c == ']')) return;
            if (c == '{' || c == '[') ++depth;
            if (c == '}' || c == ']') {
                --depth;
            }
            ++at_;
            if (depth == 0 && (c == '}' || c == ']')) return;
        } while (at_ < text_.size());
    }

    void skip_string() {
        for (++at_; at_ < text_.size() && at() != '"'; ++at_) {
            if (at() == '\\') ++at_;
        }
        ++at_;
    }

    void skip_space() {
        while (at_ < text_.size() && std::string_view(" \t\r\n").contains(at())) {
            ++at_;
        }
    }

    [[nodiscard]] char at() const { return at_ < text_.size() ? text_[at_] : '\0'; }

    std::string_view text_;
    std::size_t at_ = 0;
};

TextPlace place_at(std::string_view text, std::size_t byte) {
    const auto before = text.substr(0, byte);
    const auto line_begin =
        before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    return {
        .line = static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1,
        .column = before.size() - line_begin + 1,
    };
}

}  // namespace

std::optional<TextPlace> place_of(std::string_view text, std::string_view detail) {
    Json document;
    try {
        document = Json::parse(text);
    } catch (const Json::parse_error& error) {
        // The byte is counted from 1, and is the last that was read.
        return place_at(text, error.byte == 0 ? 0 : error.byte - 1);
    } catch (const Json::exception&) {
        return std::nullopt;  // a number beyond all bounds, which has no place
    }
    auto names = names_in(detail.substr(0, detail.find(':')));
    auto path = resolved(document, names);
    if (path.empty()) {
        // Some refusals name the role alone.
        names.insert(names.begin(), "roles");
        path = resolved(document, names);
        if (path.size() < 2) return std::nullopt;
    }
    return place_at(text, Walker(text).find(path));
}

}  // namespace sallyport::policy
