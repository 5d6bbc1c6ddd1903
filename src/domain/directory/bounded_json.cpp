#include "domain/directory/bounded_json.h"

#include "domain/directory/text_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <vector>

namespace sallyport::directory {

namespace {

using Json = nlohmann::json;

constexpr std::size_t depth_max = 8;

const Json empty_array = Json::array();
const Json empty_object = Json::object();

// Looks at the document before it is built: stops at the first doubled member or excessive depth,
// so that hostile input costs no more than its own length.
class Inspector : public nlohmann::json_sax<Json> {
public:
    explicit Inspector(std::string& why) : why_(why) {}

    bool null() override { return true; }

    bool boolean(bool /*value*/) override { return true; }

    bool number_integer(number_integer_t /*value*/) override { return true; }

    bool number_unsigned(number_unsigned_t /*value*/) override { return true; }

    bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return true; }

    bool string(string_t& /*value*/) override { return true; }

    bool binary(binary_t& /*value*/) override { return false; }

    bool start_object(std::size_t /*elements*/) override { return enter(); }

    bool end_object() override { return leave(); }

    bool start_array(std::size_t /*elements*/) override { return enter(); }

    bool end_array() override { return leave(); }

    bool key(string_t& name) override {
        if (names_.back().insert(name).second) return true;
        why_ = "a member is there twice";
        return false;
    }

    bool parse_error(
        std::size_t position, const std::string& /*last*/, const Json::exception& /*error*/
    ) override {
        why_ = fmt::format("not JSON, near byte {}", position);
        return false;
    }

private:
    bool enter() {
        names_.emplace_back();
        if (names_.size() <= depth_max) return true;
        why_ = fmt::format("more than {} levels deep", depth_max);
        return false;
    }

    bool leave() {
        names_.pop_back();
        return true;
    }

    std::string& why_;
    std::vector<std::set<std::string>> names_;
};

}  // namespace

bool parse_bounded_json(
    std::string_view text, std::size_t size_max, Json& document, std::string& why
) {
    if (text.size() > size_max) {
        why = fmt::format("longer than {} bytes", size_max);
        return false;
    }
    Inspector inspector(why);
    if (!Json::sax_parse(text, &inspector)) return false;
    document = Json::parse(text, nullptr, false);
    if (document.is_object()) return true;
    why = "not a JSON object";
    return false;
}

MemberReader::MemberReader(const Json& object, std::string path, std::string& problem)
    : object_(object.is_object() ? object : empty_object),
      path_(std::move(path)),
      problem_(problem) {
    if (!object.is_object() && problem_.empty()) problem_ = path_ + ": must be an object";
}

bool MemberReader::has(std::string_view name) const {
    return object_.find(name) != object_.end();
}

std::string MemberReader::path_of(std::string_view name) const {
    return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
}

void MemberReader::complain(std::string_view name, std::string_view what) {
    if (problem_.empty()) problem_ = fmt::format("{}: {}", path_of(name), what);
}

const Json* MemberReader::take(std::string_view name) {
    taken_.emplace(name);
    const auto found = object_.find(name);
    if (found != object_.end()) return &*found;
    complain(name, "is missing");
    return nullptr;
}

std::string MemberReader::text(std::string_view name, std::size_t size_min, std::size_t size_max) {
    const auto* const member = take(name);
    if (member == nullptr) return {};
    const auto* const text = member->get_ptr<const std::string*>();
    if (text == nullptr || !is_clean_text(*text, size_min, size_max)) {
        complain(name, fmt::format("must be text of {} to {} bytes", size_min, size_max));
        return {};
    }
    return *text;
}

std::int64_t MemberReader::integer(std::string_view name, std::int64_t min, std::int64_t max) {
    const auto* const member = take(name);
    if (member == nullptr) return 0;
    const bool too_big = member->is_number_unsigned() &&
                         member->get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX);
    const bool fits = member->is_number_integer() && !too_big;
    const auto value = fits ? member->get<std::int64_t>() : 0;
    if (!fits || value < min || value > max) {
        complain(name, fmt::format("must be a whole number from {} to {}", min, max));
        return 0;
    }
    return value;
}

bool MemberReader::boolean(std::string_view name) {
    const auto* const member = take(name);
    if (member == nullptr) return false;
    if (!member->is_boolean()) {
        complain(name, "must be true or false");
        return false;
    }
    return member->get<bool>();
}

const Json& MemberReader::array(std::string_view name, std::size_t count_max) {
    const auto* const member = take(name);
    if (member == nullptr) return empty_array;
    if (!member->is_array() || member->size() > count_max) {
        complain(name, fmt::format("must be an array of at most {}", count_max));
        return empty_array;
    }
    return *member;
}

const Json& MemberReader::object(std::string_view name) {
    const auto* const member = take(name);
    if (member == nullptr) return empty_object;
    if (!member->is_object()) {
        complain(name, "must be an object");
        return empty_object;
    }
    return *member;
}

void MemberReader::finish() {
    for (const auto& [name, member] : object_.items()) {
        if (!taken_.contains(name)) {
            // The name came from outside and may be anything; it is shown only if it is readable.
            complain(is_clean_text(name, 1, 64) ? name : "?", "is not known here");
            return;
        }
    }
}

}  // namespace sallyport::directory
