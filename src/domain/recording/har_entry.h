#pragma once
// One HTTP exchange as an entry of a HAR file.

#include "domain/recording/http_split.h"
#include "domain/recording/recorder.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sallyport::recording {

// What is known about whether bytes reached the other side.
enum class Delivery : std::uint8_t { none, unknown, delivered };

// Bytes behind a protocol switch.
struct UpgradeBytes {
    bool to_device;
    Time at;
    Bytes bytes;
};

struct HarExchange {
    std::uint32_t id = 0;
    Time began_at;
    std::optional<Time> request_at;         // the last byte toward the device
    std::optional<Time> answer_began_at;    // the first byte from it
    std::optional<Time> answer_at;          // the last one
    const SplitMessage* request = nullptr;  // never null
    const SplitMessage* response = nullptr;
    const SplitMessage* to_person = nullptr;
    const std::vector<UpgradeBytes>* upgrade = nullptr;
    bool upgrade_cut = false;
    Delivery request_delivery = Delivery::none;
    Delivery response_delivery = Delivery::none;
    // The gateway's own words: the JSON of exchange_begin and exchange_end; null without them.
    nlohmann::json begin;
    nlohmann::json end;
    std::uint64_t first_sequence = 0;
    std::uint64_t last_sequence = 0;
};

// `host` names the device in the URL where the request has no Host field.
[[nodiscard]] nlohmann::json har_entry(const HarExchange& exchange, const std::string& host);

// The payload of a JSON frame; null if it is not a JSON object.
[[nodiscard]] nlohmann::json json_of_frame(BytesView payload);

// Invalid UTF-8 becomes U+FFFD.
[[nodiscard]] std::string dumped(const nlohmann::json& json);

}  // namespace sallyport::recording
