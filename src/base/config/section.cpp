#include "base/config/section.h"

#include "base/config/literal_secret.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace sallyport::config {

const toml::Value* Section::find(std::string_view key, Need need) {
    if (std::ranges::find(asked_, key) == asked_.end()) asked_.push_back(key);
    if (table_ != nullptr) {
        const auto found = table_->values.find(std::string(key));
        if (found != table_->values.end()) return &found->second;
    }
    if (need == Need::required) mistake(key, "is missing; docs/sallyport.example.toml explains it");
    return nullptr;
}

const std::string* Section::string(std::string_view key, Need need) {
    const auto* value = find(key, need);
    if (value == nullptr) return nullptr;
    const auto* text = value->as<std::string>();
    if (text == nullptr) mistake(key, "must be text in quotation marks");
    return text;
}

void Section::text(std::string_view key, std::string& to, Need need, TextRule rule) {
    const auto* given = string(key, need);
    if (given == nullptr) return;
    if (const char* const wrong = rule(*given)) {
        mistake(key, wrong);
        return;
    }
    to = *given;
}

void Section::path(std::string_view key, std::string& to, Need need) {
    const auto* given = string(key, need);
    if (given == nullptr) return;
    auto path = resolved(key, *given);
    if (!path.empty()) to = std::move(path);
}

void Section::paths(std::string_view key, std::vector<std::string>& to) {
    texts(key, to, [](std::string_view) -> const char* { return nullptr; });
    for (auto& each : to) {
        each = resolved(key, each);
    }
}

std::string Section::resolved(std::string_view key, const std::string& given) {
    const auto wrong = [&](std::string_view what) {
        mistake(key, what);
        return std::string();
    };
    constexpr std::string_view file = "file:";
    constexpr std::string_view credential = "systemd-cred:";
    if (given.empty() || given.contains('\0')) return wrong("must be a path");
    if (given.starts_with(credential)) {
        if (!is_secret_reference(given)) return wrong("names no systemd credential");
        if (!origin_.credentials_dir) {
            return wrong(
                "refers to a systemd credential, but systemd gave none; add LoadCredential= to the "
                "unit, or refer to a file"
            );
        }
        return *origin_.credentials_dir + "/" + given.substr(credential.size());
    }
    const auto start = std::filesystem::path(origin_.file).parent_path();
    const auto path =
        std::filesystem::path(given.starts_with(file) ? given.substr(file.size()) : given);
    auto to = (start / path).lexically_normal().string();
    if (to.size() > 1 && to.ends_with('/')) to.pop_back();
    return to;
}

void Section::boolean(std::string_view key, bool& to) {
    const auto* value = find(key);
    if (value == nullptr) return;
    if (const auto* given = value->as<bool>()) {
        to = *given;
    } else {
        mistake(key, "must be true or false");
    }
}

bool Section::integer_within(
    std::string_view key, std::int64_t& value, std::int64_t min, std::int64_t max
) {
    const auto* found = find(key);
    if (found == nullptr) return false;
    const auto* given = found->as<std::int64_t>();
    if (given == nullptr || *given < min || *given > max) {
        mistake(key, fmt::format("must be a whole number from {} to {}", min, max));
        return false;
    }
    value = *given;
    return true;
}

void Section::seconds(
    std::string_view key, std::chrono::seconds& to, std::int64_t min, std::int64_t max
) {
    std::int64_t value = to.count();
    if (integer_within(key, value, min, max)) to = std::chrono::seconds(value);
}

void Section::texts(std::string_view key, std::vector<std::string>& to, TextRule rule) {
    const auto* value = find(key);
    if (value == nullptr) return;
    const auto* list = value->as<toml::Array>();
    if (list == nullptr) return mistake(key, "must be a list of texts in brackets");
    to.clear();
    for (const auto& element : *list) {
        const auto* text = element.as<std::string>();
        const char* const wrong = text == nullptr ? "must hold texts only" : rule(*text);
        if (wrong != nullptr) {
            out_.push_back({element.key_at, fmt::format("{}.{} {}", name_, key, wrong)});
        } else {
            to.push_back(*text);
        }
    }
}

void Section::mistake(std::string_view key, std::string_view what) {
    Position at;
    if (table_ != nullptr) {
        const auto found = table_->values.find(std::string(key));
        at = found == table_->values.end() ? table_->at : found->second.key_at;
    }
    const auto full = name_.empty() ? std::string(key) : fmt::format("{}.{}", name_, key);
    out_.push_back({at, fmt::format("{} {}", full, what)});
}

Section Section::inner(std::string_view key, const toml::Table& table) const {
    return {
        name_.empty() ? std::string(key) : fmt::format("{}.{}", name_, key), &table, origin_, out_
    };
}

void Section::finish() {
    if (table_ == nullptr) return;
    for (const auto& [name, value] : table_->values) {
        if (std::ranges::find(asked_, name) != asked_.end()) continue;
        const auto meant = nearest(name, asked_);
        const auto hint = meant.empty() ? fmt::format("known here: {}", fmt::join(asked_, ", "))
                                        : fmt::format("did you mean {}?", meant);
        const std::string shown = looks_like_a_secret(name) ? "(name withheld)" : name;
        const auto full = name_.empty() ? shown : fmt::format("{}.{}", name_, shown);
        out_.push_back({value.key_at, fmt::format("{} is not a setting; {}", full, hint)});
    }
}

}  // namespace sallyport::config
