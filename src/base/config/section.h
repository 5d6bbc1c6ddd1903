#pragma once
// Reads one table of the file into a struct, setting by setting, and remembers which names it was
// asked for: the others are mistakes.

#include "base/config/config.h"
#include "base/config/mistakes.h"
#include "base/config/toml.h"

#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport::config {

enum class Need : std::uint8_t { optional, required };

// Null if the text will do, else what is wrong with it (without quoting it).
using TextRule = const char* (*)(std::string_view);

class Section {
public:
    // `table` may be null: everything is missing then.
    Section(
        std::string name, const toml::Table* table, const Origin& origin, std::vector<Mistake>& out
    )
        : name_(std::move(name)), table_(table), origin_(origin), out_(out) {}

    void text(std::string_view key, std::string& to, Need need, TextRule rule);
    // A path, or "file:/path", or "systemd-cred:name" where systemd gave a folder. Relative ones
    // start at the configuration file's folder.
    void path(std::string_view key, std::string& to, Need need);
    // A list of them.
    void paths(std::string_view key, std::vector<std::string>& to);
    void boolean(std::string_view key, bool& to);

    template <std::integral T>
    void integer(std::string_view key, T& to, std::int64_t min, std::int64_t max) {
        std::int64_t value = static_cast<std::int64_t>(to);
        if (integer_within(key, value, min, max)) to = static_cast<T>(value);
    }

    void seconds(
        std::string_view key, std::chrono::seconds& to, std::int64_t min, std::int64_t max
    );

    // One of a few words.
    template <class T>
    void choice(
        std::string_view key, T& to, const std::vector<std::pair<std::string_view, T>>& words
    ) {
        const std::string* given = string(key, Need::optional);
        if (given == nullptr) return;
        std::string allowed;
        for (const auto& [word, value] : words) {
            if (*given == word) {
                to = value;
                return;
            }
            if (!allowed.empty()) allowed += ", ";
            allowed += word;
        }
        mistake(key, "must be one of: " + allowed);
    }

    // Whether nothing is in it, or it is not there.
    [[nodiscard]] bool empty() const noexcept {
        return table_ == nullptr || table_->values.empty();
    }

    // The value under `key`, whatever it is; null if it is not there.
    [[nodiscard]] const toml::Value* find(std::string_view key, Need need = Need::optional);
    // A list of texts; anything else is a mistake and gives none.
    void texts(std::string_view key, std::vector<std::string>& to, TextRule rule);

    // At the key, or where it should be.
    void mistake(std::string_view key, std::string_view what);
    // A table inside this one.
    [[nodiscard]] Section inner(std::string_view key, const toml::Table& table) const;
    // Every name that was not asked for is a mistake.
    void finish();

private:
    // Where a path that was written there leads; empty, and a mistake, if nowhere.
    [[nodiscard]] std::string resolved(std::string_view key, const std::string& given);
    [[nodiscard]] const std::string* string(std::string_view key, Need need);
    [[nodiscard]] bool integer_within(
        std::string_view key, std::int64_t& value, std::int64_t min, std::int64_t max
    );

    std::string name_;
    const toml::Table* table_;
    const Origin& origin_;
    std::vector<Mistake>& out_;
    std::vector<std::string_view> asked_;
};

}  // namespace sallyport::config
