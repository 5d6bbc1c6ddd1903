#include "domain/directory/shared_name.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace sallyport::directory {

namespace {

// Sorted.
constexpr auto shared_words = std::to_array<std::string_view>({
    "admin",      "administrator", "ambulanz",    "arzt",      "aufnahme",   "bed",
    "clinic",     "clinician",     "desk",        "doctor",    "doctors",    "dr",
    "emergency",  "empfang",       "engineer",    "er",        "frontdesk",  "gast",
    "generic",    "guest",         "icu",         "intensiv",  "kiosk",      "klinik",
    "lab",        "labor",         "locum",       "night",     "nightshift", "notaufnahme",
    "nurse",      "nurses",        "oncall",      "op",        "patient",    "patients",
    "pflege",     "pharmacy",      "pool",        "reception", "room",       "service",
    "shared",     "shift",         "staff",       "station",   "student",    "team",
    "technician", "temp",          "test",        "theatre",   "triage",     "user",
    "vendor",     "ward",          "workstation",
});
static_assert(std::ranges::is_sorted(shared_words));

constexpr bool is_letter(char c) noexcept {
    return c >= 'a' && c <= 'z';
}

// "ward-4b" is a room like "ward-4"; before a word a letter is somebody's initial: "j.ward".
bool is_counting(std::string_view word, std::size_t shared_before) noexcept {
    return word.size() == 1 && shared_before > 0;
}

}  // namespace

bool is_shared_name(std::string_view login_name) noexcept {
    std::size_t shared = 0;
    for (std::size_t at = 0; at < login_name.size();) {
        if (!is_letter(login_name[at])) {
            ++at;
            continue;
        }
        auto end = at;
        while (end < login_name.size() && is_letter(login_name[end])) {
            ++end;
        }
        const auto word = login_name.substr(at, end - at);
        if (std::ranges::binary_search(shared_words, word)) {
            ++shared;
        } else if (!is_counting(word, shared)) {
            return false;
        }
        at = end;
    }
    return shared > 0;
}

}  // namespace sallyport::directory
