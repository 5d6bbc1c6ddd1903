#include "domain/recording/manifest.h"

#include <fmt/chrono.h>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace sallyport::recording {
namespace {

using Json = nlohmann::json;

constexpr std::string_view format_name = "sallyport-recording";
constexpr std::int64_t format_version = 1;
constexpr std::size_t list_max = 100'000;

std::string dumped(const Json& json, int indent) {
    return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

// nlohmann throws where a member is missing or of another type; here that is an answer.
template <class Read>
auto read(std::string_view json, Read read_members) -> Result<decltype(read_members(Json()))> {
    try {
        return read_members(Json::parse(json));
    } catch (const Json::exception&) {
        return refuse(Refusal::invalid, "manifest.malformed");
    } catch (const std::out_of_range&) {
        return refuse(Refusal::invalid, "manifest.malformed");
    }
}

template <class T>
T must(Result<T> result) {
    if (!result) throw std::out_of_range("member");
    return *std::move(result);
}

std::uint64_t count_in(const Json& json, const char* member) {
    const auto& value = json.at(member);
    if (!value.is_number_unsigned()) throw std::out_of_range(member);
    return value.get<std::uint64_t>();
}

crypto::Sha256Digest digest_in(const Json& json, const char* member) {
    const auto bytes = must(from_hex(json.at(member).get<std::string>()));
    crypto::Sha256Digest digest{};
    if (bytes.size() != digest.size()) throw std::out_of_range(member);
    std::ranges::copy(bytes, digest.begin());
    return digest;
}

Json json_of(const RecordingInfo& info) {
    return {
        {"connection", info.connection.text()},
        {"protocol", info.format},
        {"person", info.person},
        {"login_name", info.login_name},
        {"device", info.device},
        {"grant", info.grant},
        {"opened_at", to_micros(info.opened_at)},
    };
}

RecordingInfo info_in(const Json& json) {
    return {
        must(ConnectionId::parse(json.at("connection").get<std::string>())),
        json.at("protocol").get<std::string>(),
        json.at("person").get<std::string>(),
        json.at("login_name").get<std::string>(),
        json.at("device").get<std::string>(),
        json.at("grant").get<std::string>(),
        from_micros(json.at("opened_at").get<std::int64_t>()),
    };
}

SegmentEntry segment_in(const Json& json) {
    return {
        json.at("name").get<std::string>(),
        count_in(json, "bytes"),
        digest_in(json, "sha256"),
        count_in(json, "frames"),
        count_in(json, "first"),
        count_in(json, "last"),
    };
}

const Json& list_in(const Json& json, const char* member) {
    const auto& list = json.at(member);
    if (!list.is_array() || list.size() > list_max) throw std::out_of_range(member);
    return list;
}

Manifest manifest_in(const Json& json) {
    const auto state = json.at("state").get<std::string>();
    const bool ours = json.at("format").get<std::string>() == format_name &&
                      json.at("version").get<std::int64_t>() == format_version &&
                      (state == "sealed" || state == "interrupted");
    if (!ours) throw std::out_of_range("format");

    Manifest manifest{
        .info = info_in(json.at("recording")),
        .interrupted = state == "interrupted",
        .cause = json.at("cause").get<std::string>(),
        .closed_at = from_micros(json.at("closed_at").get<std::int64_t>()),
        .wrapped_key = must(from_base64(json.at("wrapped_key").get<std::string>())),
        .segments = {},
        .bulk_bytes = count_in(json, "bulk_bytes"),
        .frames = count_in(json, "frames"),
        .exchanges = count_in(json, "exchanges"),
        .gaps = {},
    };
    for (const auto& entry : list_in(json, "segments")) {
        manifest.segments.push_back(segment_in(entry));
    }
    for (const auto& gap : list_in(json, "gaps")) {
        manifest.gaps.push_back({count_in(gap, "from"), count_in(gap, "to")});
    }
    return manifest;
}

}  // namespace

std::string to_json(const Manifest& manifest) {
    auto segments = Json::array();
    for (const auto& segment : manifest.segments) {
        segments.push_back({
            {"name", segment.name},
            {"bytes", segment.bytes},
            {"sha256", to_hex(segment.sha256)},
            {"frames", segment.frames},
            {"first", segment.first},
            {"last", segment.last},
        });
    }
    auto gaps = Json::array();
    for (const auto& gap : manifest.gaps) {
        gaps.push_back({{"from", gap.from}, {"to", gap.to}});
    }
    const Json json{
        {"format", format_name},
        {"version", format_version},
        {"state", manifest.interrupted ? "interrupted" : "sealed"},
        {"recording", json_of(manifest.info)},
        {"cause", manifest.cause},
        {"closed_at", to_micros(manifest.closed_at)},
        {"wrapped_key", to_base64(manifest.wrapped_key)},
        {"segments", segments},
        {"bulk_bytes", manifest.bulk_bytes},
        {"frames", manifest.frames},
        {"exchanges", manifest.exchanges},
        {"gaps", gaps},
    };
    return dumped(json, 1) + "\n";
}

Result<Manifest> parse_manifest(std::string_view json) {
    if (json.size() > manifest_size_max) return refuse(Refusal::invalid, "manifest.malformed");
    return read(json, manifest_in);
}

std::string to_json(const RecordingInfo& info) {
    return dumped(json_of(info), -1);
}

Result<RecordingInfo> parse_info(std::string_view json) {
    return read(json, info_in);
}

std::string to_json(const EndNote& note) {
    return dumped({{"cause", note.cause}, {"frames", note.frames}}, -1);
}

Result<EndNote> parse_end_note(std::string_view json) {
    return read(json, [](const Json& note) {
        return EndNote{note.at("cause").get<std::string>(), count_in(note, "frames")};
    });
}

std::string folder_of(const ConnectionId& connection) {
    std::int64_t millis = 0;
    for (std::size_t i = 0; i < 6; ++i) {
        millis = millis << 8 | std::to_integer<std::int64_t>(connection.bytes()[i]);
    }
    const std::chrono::sys_time<std::chrono::milliseconds> at{std::chrono::milliseconds(millis)};
    const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(at));
    return fmt::format(
        "{:04}/{:02}/{}",
        static_cast<int>(day.year()),
        static_cast<unsigned>(day.month()),
        connection.text()
    );
}

std::string segment_name(std::uint32_t number) {
    return fmt::format("{:06}.segment", number);
}

std::string index_name(std::uint32_t number) {
    return fmt::format("{:06}.index", number);
}

}  // namespace sallyport::recording
