#include "apps/sallyport/usage.h"

#include "base/config/mistakes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

namespace sallyport::cli {

namespace {

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
    return app.get_subcommands([](const CLI::App*) { return true; });
}

// How far the words are commands: the last one understood, its full name, and the first word that
// is none.
struct Reached {
    const CLI::App* app;
    std::string name = "sallyport";
    std::string_view unknown = {};
};

Reached reached(const CLI::App& app, std::span<const char* const> words) {
    Reached at{&app};
    for (const std::string_view word : words) {
        const auto commands = commands_of(*at.app);
        if (word.starts_with('-') || commands.empty()) return at;
        const CLI::App* next = nullptr;
        for (const auto* command : commands) {
            if (command->get_name() == word) next = command;
        }
        if (next == nullptr) {
            at.unknown = word;
            return at;
        }
        at.app = next;
        at.name += " " + std::string(word);
    }
    return at;
}

std::string meant(std::string_view word, const std::vector<std::string>& known) {
    const std::vector<std::string_view> names(known.begin(), known.end());
    const auto near = config::nearest(word, names);
    return near.empty() ? "" : fmt::format("; did you mean {}?", near);
}

std::string of_command(const Reached& at) {
    std::vector<std::string> names;
    for (const auto* command : commands_of(*at.app)) {
        names.push_back(command->get_name());
    }
    if (at.unknown.empty()) {
        return fmt::format("{} needs a command: {}", at.name, fmt::join(names, ", "));
    }
    auto text = fmt::format("{} has no command {}", at.name, at.unknown);
    const auto near = meant(at.unknown, names);
    return text + (near.empty() ? fmt::format("; it has {}", fmt::join(names, ", ")) : near);
}

// An option that the command does not have, with the nearest that it has. Empty if all are known.
std::string of_option(const Reached& at, std::span<const char* const> words) {
    std::vector<std::string> names;
    for (const auto* option : at.app->get_options()) {
        for (const auto& name : option->get_lnames()) {
            names.push_back("--" + name);
        }
    }
    for (std::string_view word : words) {
        if (!word.starts_with("--")) continue;
        word = word.substr(0, word.find('='));
        if (std::ranges::find(names, word) != names.end()) continue;
        return fmt::format("{} has no option {}{}", at.name, word, meant(word, names));
    }
    return {};
}

}  // namespace

std::string explain_usage(
    const CLI::App& app, int argc, const char* const* argv, const CLI::ParseError& error
) {
    const std::span words(argv + 1, argc > 0 ? static_cast<std::size_t>(argc) - 1 : 0);
    const auto at = reached(app, words);
    std::string text;
    if (!commands_of(*at.app).empty()) {
        text = of_command(at);
    } else {
        text = of_option(at, words);  // first: a mistyped --role is also a --role that is missing
    }
    if (text.empty()) text = fmt::format("{}: {}", at.name, error.what());
    return fmt::format("{}\nRead on with: {} --help", text, at.name);
}

}  // namespace sallyport::cli
