#include "base/config/mistakes.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace sallyport::config {
namespace {

// How many insertions, removals and changes of one character lie between them (Levenshtein).
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0U);
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t change = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({change, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

}  // namespace

std::string to_text(std::vector<Mistake> mistakes, std::string_view file) {
    std::ranges::sort(mistakes);
    const auto twice = std::ranges::unique(mistakes);
    mistakes.erase(twice.begin(), twice.end());
    std::string text;
    for (const auto& mistake : mistakes) {
        if (!text.empty()) text += '\n';
        text += fmt::format("{}:{}:{}: {}", file, mistake.at.line, mistake.at.column, mistake.text);
    }
    return text;
}

std::string_view nearest(std::string_view name, const std::vector<std::string_view>& candidates) {
    constexpr std::size_t size_max = 64;  // ours are shorter, and the work grows with the square
    if (name.size() > size_max) return {};
    std::string_view best;
    std::size_t best_distance = std::max<std::size_t>(2, name.size() / 3) + 1;
    for (const auto candidate : candidates) {
        const auto distance = edit_distance(name, candidate);
        if (distance >= best_distance) continue;
        best = candidate;
        best_distance = distance;
    }
    return best;
}

}  // namespace sallyport::config
