#include "edge/api/pages/german.h"

#include "edge/api/pages/translation.h"

#include <unordered_map>

namespace sallyport::api {

std::optional<std::string_view> german(std::string_view english) noexcept {
    static const auto known = [] {
        std::unordered_map<std::string_view, std::string_view> all;
        for (const auto& wordings : {german_of_pages(), german_of_refusals()}) {
            for (const auto& wording : wordings) {
                all.emplace(wording.english, wording.german);
            }
        }
        return all;
    }();
    const auto found = known.find(english);
    if (found == known.end()) return std::nullopt;
    return found->second;
}

}  // namespace sallyport::api
