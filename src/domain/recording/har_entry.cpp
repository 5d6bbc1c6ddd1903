#include "domain/recording/har_entry.h"

#include "base/core/ascii.h"

#include <fmt/core.h>

#include <algorithm>

namespace sallyport::recording {
namespace {

using Json = nlohmann::json;

constexpr std::size_t json_frame_size_max = 1U << 20U;

std::string_view to_text(Delivery delivery) {
    switch (delivery) {
        case Delivery::none:
            return "none";
        case Delivery::unknown:
            return "unknown";
        case Delivery::delivered:
            return "delivered";
    }
    return "unknown";
}

// A clock that stepped back makes no negative times.
double milliseconds(Time from, std::optional<Time> to) {
    if (!to || *to < from) return 0;
    return static_cast<double>((*to - from).count()) / 1000.0;
}

bool is_text(BytesView bytes) {
    const auto text = as_text(bytes);
    if (text.find('\0') != std::string_view::npos) return false;
    try {
        (void)Json(std::string(text)).dump();
        return true;
    } catch (const Json::exception&) {
        return false;  // not UTF-8
    }
}

std::string text_in(const Json& json, const char* member) {
    const auto found = json.is_object() ? json.find(member) : json.end();
    return json.is_object() && found != json.end() && found->is_string() ? found->get<std::string>()
                                                                         : std::string();
}

Json value_in(const Json& json, const char* member) {
    if (!json.is_object()) return nullptr;
    const auto found = json.find(member);
    return found == json.end() ? Json(nullptr) : *found;
}

std::string escaped_for_uri(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        constexpr std::string_view never = "\"<>\\^`{|}";
        if (byte <= ' ' || byte >= 0x7F || never.find(c) != std::string_view::npos) {
            out += fmt::format("%{:02X}", byte);
        } else {
            out += c;
        }
    }
    return out;
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
            hex_value(text[i + 2]) >= 0) {
            out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
            i += 2;
        } else {
            out += text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

// Calls `visit(name, value)` for each "name=value" between separators.
template <class Visit>
void for_each_pair(std::string_view text, char separator, Visit visit) {
    while (!text.empty()) {
        const auto end = text.find(separator);
        auto pair = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
        if (pair.empty()) continue;
        const auto equals = pair.find('=');
        const auto value =
            equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
        visit(pair.substr(0, equals), value);
    }
}

Json query_of(std::string_view target) {
    auto list = Json::array();
    const auto mark = target.find('?');
    if (mark == std::string_view::npos) return list;
    const auto query = target.substr(mark + 1);
    for_each_pair(query.substr(0, query.find('#')), '&', [&](auto name, auto value) {
        list.push_back({{"name", percent_decoded(name)}, {"value", percent_decoded(value)}});
    });
    return list;
}

Json headers_of(const SplitMessage& message) {
    auto list = Json::array();
    for (const auto& [name, value] : message.fields) {
        list.push_back({{"name", name}, {"value", value}});
    }
    return list;
}

Json cookies_of(const SplitMessage& message, std::string_view field, bool first_only) {
    auto list = Json::array();
    SplitMessage one;
    for (const auto& pair : message.fields) {
        one.fields = {pair};
        const auto text = one.field(field);
        if (text.empty()) continue;
        for_each_pair(first_only ? text.substr(0, text.find(';')) : text, ';', [&](auto n, auto v) {
            list.push_back({{"name", n}, {"value", v}});
        });
    }
    return list;
}

std::string url_of(const HarExchange& exchange, const std::string& host, std::string_view target) {
    if (target.starts_with("http://") || target.starts_with("https://")) {
        return escaped_for_uri(target);
    }
    const auto field = exchange.request->field("host");
    const auto authority = field.empty() ? std::string_view(host) : field;
    const std::string_view slash = target.starts_with('/') ? "" : "/";
    return "http://" + escaped_for_uri(authority) + std::string(slash) + escaped_for_uri(target);
}

std::int64_t size_of(std::uint64_t size, bool known) {
    return known ? static_cast<std::int64_t>(size) : -1;
}

// `text` and, for what is not text, its encoding.
void put_body(Json& json, const SplitMessage& message, const char* encoding_member) {
    if (is_text(message.body)) {
        json["text"] = std::string(as_text(message.body));
    } else {
        json["text"] = to_base64(message.body);
        json[encoding_member] = "base64";
    }
    if (message.cut) json["comment"] = "cut: the recording has all of it";
}

Json request_of(const HarExchange& exchange, const std::string& host) {
    const auto& message = *exchange.request;
    const bool sent = message.head_size > 0;
    const auto method = sent ? message.first : text_in(exchange.begin, "method");
    const auto target = sent ? message.second : text_in(exchange.begin, "target");
    Json request{
        {"method", method},
        {"url", url_of(exchange, host, target)},
        {"httpVersion", sent ? message.third : "HTTP/1.1"},
        {"cookies", cookies_of(message, "cookie", false)},
        {"headers", headers_of(message)},
        {"queryString", query_of(target)},
        {"headersSize", size_of(message.head_size, sent)},
        {"bodySize", size_of(message.body_size, sent)},
    };
    if (!message.body.empty()) {
        Json data{{"mimeType", message.field("content-type")}};
        put_body(data, message, "_encoding");
        request["postData"] = std::move(data);
    }
    return request;
}

Json response_of(const HarExchange& exchange) {
    const auto& message = *exchange.response;
    const bool came = message.head_size > 0;
    const auto mime = message.field("content-type");
    Json content{
        {"size", static_cast<std::int64_t>(message.content_size)},
        {"mimeType", mime.empty() ? std::string_view("x-unknown") : mime},
    };
    if (!message.body.empty()) put_body(content, message, "encoding");
    return {
        {"status", message.status()},
        {"statusText", message.third},
        {"httpVersion", message.first},
        {"cookies", cookies_of(message, "set-cookie", true)},
        {"headers", headers_of(message)},
        {"content", std::move(content)},
        {"redirectURL", message.field("location")},
        {"headersSize", size_of(message.head_size, came)},
        {"bodySize", size_of(message.body_size, came)},
    };
}

Json upgrade_of(const std::vector<UpgradeBytes>& upgrade) {
    auto list = Json::array();
    for (const auto& piece : upgrade) {
        list.push_back({
            {"type", piece.to_device ? "send" : "receive"},
            {"time", static_cast<double>(to_micros(piece.at)) / 1e6},
            {"data", to_base64(piece.bytes)},
        });
    }
    return list;
}

Json facts_of(const HarExchange& exchange) {
    const auto outcome = text_in(exchange.end, "outcome");
    return {
        {"exchange", exchange.id},
        {"outcome", outcome.empty() ? "unfinished" : outcome},
        {"reason", text_in(exchange.end, "reason")},
        {"request", to_text(exchange.request_delivery)},
        {"response", to_text(exchange.response_delivery)},
        {"peer", text_in(exchange.begin, "peer")},
        {"masked", value_in(exchange.end, "masked")},
        {"frames", {exchange.first_sequence, exchange.last_sequence}},
        {"malformed", exchange.request->malformed || exchange.response->malformed},
        {"cut", exchange.request->cut || exchange.response->cut || exchange.upgrade_cut},
    };
}

}  // namespace

Json har_entry(const HarExchange& exchange, const std::string& host) {
    const auto began = exchange.began_at;
    const auto sent = std::max(exchange.request_at.value_or(began), began);
    const auto send = milliseconds(began, sent);
    const auto wait = milliseconds(sent, exchange.answer_began_at);
    const auto receive =
        exchange.answer_began_at ? milliseconds(*exchange.answer_began_at, exchange.answer_at) : 0;
    Json entry{
        {"startedDateTime", sallyport::to_text(began)},
        {"time", send + wait + receive},
        {"request", request_of(exchange, host)},
        {"response", response_of(exchange)},
        {"cache", Json::object()},
        {"timings", {{"send", send}, {"wait", wait}, {"receive", receive}}},
        {"_sallyport", facts_of(exchange)},
    };
    if (exchange.to_person->head_size > 0) {
        entry["_toPerson"] = {
            {"status", exchange.to_person->status()},
            {"headers", headers_of(*exchange.to_person)},
        };
    }
    if (!exchange.upgrade->empty()) entry["_upgradeBytes"] = upgrade_of(*exchange.upgrade);
    return entry;
}

Json json_of_frame(BytesView payload) {
    if (payload.size() > json_frame_size_max) return nullptr;
    auto json = Json::parse(as_text(payload), nullptr, false);
    return json.is_object() ? json : Json(nullptr);
}

std::string dumped(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace sallyport::recording
