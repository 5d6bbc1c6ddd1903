#pragma once
// JSON documents that people write: policies and device profiles. Read strictly, since a member
// that is misspelled, doubled or out of bounds must not silently mean something else. For .cpp
// files only; their headers stay free of the JSON library.

#include "base/core/result.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace sallyport::directory {

// Parses an object of at most `size_max` bytes and 8 levels, without doubled members. On failure
// `why` tells what is wrong and where.
[[nodiscard]] bool parse_bounded_json(
    std::string_view text, std::size_t size_max, nlohmann::json& document, std::string& why
);

// Takes the members of one object, by name, within bounds. The first thing that is wrong is kept
// in problem() with the member's path; everything taken after it is empty. So a caller takes all
// members and asks once.
class MemberReader {
public:
    // `path` is how the object is called in messages, "" for the document itself. `problem` is
    // shared by all readers of one document. Both object and problem must outlive the reader.
    MemberReader(const nlohmann::json& object, std::string path, std::string& problem);

    [[nodiscard]] bool has(std::string_view name) const;
    // Clean text of size_min to size_max bytes.
    [[nodiscard]] std::string text(
        std::string_view name, std::size_t size_min, std::size_t size_max
    );
    [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t min, std::int64_t max);
    [[nodiscard]] bool boolean(std::string_view name);
    // An array of at most `count_max`; an empty one if there is a problem.
    [[nodiscard]] const nlohmann::json& array(std::string_view name, std::size_t count_max);
    [[nodiscard]] const nlohmann::json& object(std::string_view name);
    // To be called last: members that nobody took are unknown, and refused.
    void finish();

    void complain(std::string_view name, std::string_view what);
    [[nodiscard]] std::string path_of(std::string_view name) const;

private:
    [[nodiscard]] const nlohmann::json* take(std::string_view name);

    const nlohmann::json& object_;
    std::string path_;
    std::string& problem_;
    std::set<std::string, std::less<>> taken_;
};

}  // namespace sallyport::directory
