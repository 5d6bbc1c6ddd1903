#include "base/config/literal_secret.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <span>
#include <string>

namespace sallyport::config {
namespace {

constexpr std::array<std::string_view, 18> secret_words = {
    "password",
    "passwd",
    "pass",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "credential",
    "pepper",
    "seed",
    "apikey",
    "bearer",
    "key",
    "pin",
    "psk",
    "cookie",
    "auth",
    "salt",
};

// Settings whose names end in "key" and that are paths. They must look like one.
constexpr std::array<std::string_view, 4> key_paths = {
    "keys.master_key", "keys.log_key", "tls.certificates.key", "card.key"
};

bool is_one_of(std::string_view text, std::span<const std::string_view> list) {
    return std::ranges::find(list, text) != list.end();
}

enum class CharacterClass : std::uint8_t { lower, upper, digit, other };

CharacterClass class_of(char c) {
    if (c >= 'a' && c <= 'z') return CharacterClass::lower;
    if (c >= 'A' && c <= 'Z') return CharacterClass::upper;
    if (c >= '0' && c <= '9') return CharacterClass::digit;
    return CharacterClass::other;
}

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_base32(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7');
}

// What tells random text from words.
struct Texture {
    std::size_t size = 0;
    std::size_t digits = 0;
    std::size_t capitals = 0;
    std::size_t changes = 0;  // from one class of characters to another, punctuation left out
};

Texture texture_of(std::string_view text) {
    Texture texture{.size = text.size()};
    auto before = CharacterClass::other;
    for (const char c : text) {
        const auto kind = class_of(c);
        texture.digits += kind == CharacterClass::digit ? 1 : 0;
        texture.capitals += kind == CharacterClass::upper ? 1 : 0;
        const bool compared = before != CharacterClass::other && kind != CharacterClass::other;
        texture.changes += compared && kind != before ? 1 : 0;
        before = kind;
    }
    return texture;
}

// Words and years change between small letters, capitals and digits a few times; random text does
// so every second character.
bool is_irregular(const Texture& texture) {
    return texture.digits > 0 && texture.changes * 4 >= texture.size;
}

// Letters and digits only: hex, Base32, and Base64 between its punctuation.
bool is_random_run(std::string_view run) {
    const auto texture = texture_of(run);
    const bool mixed = texture.digits > 0 && texture.digits < run.size();
    if (run.size() >= 32 && std::ranges::all_of(run, is_hex)) return mixed;
    if (run.size() >= 26 && std::ranges::all_of(run, is_base32)) return mixed;
    return run.size() >= 20 && is_irregular(texture);
}

// Base64 with its punctuation, which paths and dates have too, but not with such letters between.
bool is_random_base64(std::string_view run) {
    const auto texture = texture_of(run);
    return run.size() >= 24 && texture.capitals > 0 && is_irregular(texture);
}

bool is_run_character(char c) {
    return class_of(c) != CharacterClass::other;
}

bool is_base64_character(char c) {
    return is_run_character(c) || std::string_view("+/=-_").contains(c);
}

// Whether any longest piece of such characters satisfies `is_secret`.
template <class Belongs, class IsSecret>
bool any_run(std::string_view text, Belongs belongs, IsSecret is_secret) {
    while (!text.empty()) {
        const auto end = std::ranges::find_if_not(text, belongs);
        const auto run = text.substr(0, static_cast<std::size_t>(end - text.begin()));
        if (is_secret(run)) return true;
        text.remove_prefix(std::min(run.size() + 1, text.size()));
    }
    return false;
}

bool is_cloud_key(std::string_view run) {
    return run.size() == 20 && (run.starts_with("AKIA") || run.starts_with("ASIA"));
}

std::vector<std::string> words_of(std::string_view name) {
    std::vector<std::string> words(1);
    bool was_lower = false;
    for (const char c : name) {
        const auto kind = class_of(c);
        const bool starts =
            kind == CharacterClass::other || (kind == CharacterClass::upper && was_lower);
        if (starts) words.emplace_back();
        if (kind != CharacterClass::other) {
            words.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        }
        was_lower = kind == CharacterClass::lower;
    }
    return words;
}

bool is_secret_word(std::string word) {
    if (is_one_of(word, secret_words)) return true;
    if (!word.ends_with('s')) return false;
    word.pop_back();
    return is_one_of(word, secret_words);
}

// user:password@ in the authority of a URL. Passwords hold slashes that should have been escaped,
// so it looks as far as the first space.
bool holds_url_password(std::string_view text) {
    for (auto at = text.find("://"); at != std::string_view::npos; at = text.find("://", at + 3)) {
        const auto rest = text.substr(at + 3, text.find(' ', at) - (at + 3));
        const auto end = rest.find('@');
        if (end != std::string_view::npos && rest.substr(0, end).contains(':')) return true;
    }
    return false;
}

// password=… as a libpq keyword or a URL parameter.
bool holds_password_parameter(std::string_view text) {
    constexpr std::string_view keyword = "password";
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    for (auto at = lower.find(keyword); at != std::string::npos;
         at = lower.find(keyword, at + keyword.size())) {
        const auto next = lower.find_first_not_of(" \t\r\n", at + keyword.size());
        if (next != std::string::npos && lower[next] == '=') return true;
    }
    return false;
}

class Search {
public:
    explicit Search(std::vector<Mistake>& mistakes) : mistakes_(mistakes) {}

    void table(const toml::Table& table, const std::string& path) {
        for (const auto& [name, value] : table.values) {
            // A secret may have been written on the wrong side of the equals sign.
            const auto shown = looks_like_a_secret(name) ? std::string("(name withheld)") : name;
            look(value, name, path.empty() ? shown : fmt::format("{}.{}", path, shown));
        }
    }

private:
    void look(const toml::Value& value, std::string_view name, const std::string& path) {
        if (const auto* inner = value.as<toml::Table>()) {
            table(*inner, path);
        } else if (const auto* list = value.as<toml::Array>()) {
            for (const auto& element : *list) {
                look(element, name, path);
            }
        } else if (is_literal_secret(value, name, path)) {
            mistakes_.push_back(
                {value.key_at,
                 fmt::format(
                     "{} holds a literal secret; move it into a file with mode 0600 and refer to "
                     "it as \"file:/path\" or \"systemd-cred:name\", and replace it, since it was "
                     "readable here",
                     path
                 )}
            );
        }
    }

    static bool is_literal_secret(
        const toml::Value& value, std::string_view name, std::string_view path
    ) {
        const auto* text = value.as<std::string>();
        if (text == nullptr) return value.as<bool>() == nullptr && names_a_secret(name);
        if (is_secret_reference(*text)) return false;
        if (looks_like_a_secret(*text) || holds_a_password(*text)) return true;
        if (!names_a_secret(name) || text->empty()) return false;
        return !(is_one_of(path, key_paths) && text->contains('/'));
    }

    std::vector<Mistake>& mistakes_;
};

}  // namespace

bool is_secret_reference(std::string_view text) {
    constexpr std::string_view file = "file:/";
    constexpr std::string_view credential = "systemd-cred:";
    if (text.starts_with(file)) return !looks_like_a_secret(text);
    if (!text.starts_with(credential)) return false;
    const auto name = text.substr(credential.size());
    return !name.empty() && name.size() <= 255 && name.front() != '.' &&
           !looks_like_a_secret(name) && std::ranges::all_of(name, [](char c) {
               return class_of(c) != CharacterClass::other || c == '-' || c == '_' || c == '.';
           });
}

bool names_a_secret(std::string_view name) {
    return std::ranges::any_of(words_of(name), is_secret_word);
}

bool looks_like_a_secret(std::string_view text) {
    if (text.contains("-----BEGIN") || text.contains("AGE-SECRET-KEY-")) return true;
    return any_run(text, is_run_character, is_cloud_key) ||
           any_run(text, is_run_character, is_random_run) ||
           any_run(text, is_base64_character, is_random_base64);
}

bool holds_a_password(std::string_view text) {
    return holds_url_password(text) || holds_password_parameter(text);
}

void find_literal_secrets(const toml::Table& file, std::vector<Mistake>& mistakes) {
    Search(mistakes).table(file, {});
}

}  // namespace sallyport::config
