#include "edge/http/message.h"

#include "edge/http/ascii.h"
#include "edge/http/target.h"

#include <algorithm>

namespace sallyport::http {

namespace {

constexpr std::size_t form_fields_max = 100;

Response with_body(int status, std::string_view content_type, std::string body) {
    Response response{.status = status, .headers = {}, .body = std::move(body)};
    response.headers.add("Content-Type", std::string(content_type));
    return response;
}

// In forms '+' is a space (WHATWG URL §5.1); in paths it is not.
Result<std::string> form_decoded(std::string_view text) {
    std::string spaced(text);
    std::ranges::replace(spaced, '+', ' ');
    return percent_decoded(spaced);
}

}  // namespace

bool same_field_name(std::string_view a, std::string_view b) noexcept {
    return same_ignoring_case(a, b);
}

std::optional<std::string_view> Headers::only(std::string_view name) const {
    std::optional<std::string_view> found;
    for (const auto& [field, value] : fields_) {
        if (!same_field_name(field, name)) continue;
        if (found) return std::nullopt;
        found = value;
    }
    return found;
}

std::vector<std::string_view> Headers::all(std::string_view name) const {
    std::vector<std::string_view> values;
    for (const auto& [field, value] : fields_) {
        if (same_field_name(field, name)) values.emplace_back(value);
    }
    return values;
}

bool Headers::has(std::string_view name) const {
    return std::ranges::any_of(fields_, [&](const Field& field) {
        return same_field_name(field.first, name);
    });
}

void Headers::add(std::string name, std::string value) {
    constexpr std::size_t usual_count = 16;
    if (fields_.capacity() == 0) fields_.reserve(usual_count);
    fields_.emplace_back(std::move(name), std::move(value));
}

void Headers::set(std::string_view name, std::string value) {
    remove(name);
    fields_.emplace_back(name, std::move(value));
}

std::size_t Headers::remove(std::string_view name) {
    return std::erase_if(fields_, [&](const Field& field) {
        return same_field_name(field.first, name);
    });
}

Response Response::text(int status, std::string body) {
    return with_body(status, "text/plain; charset=utf-8", std::move(body));
}

Response Response::html(int status, std::string body) {
    return with_body(status, "text/html; charset=utf-8", std::move(body));
}

Response Response::json(int status, std::string body) {
    return with_body(status, "application/json", std::move(body));
}

Response Response::redirect(std::string location) {
    Response response{.status = 303, .headers = {}, .body = {}};
    response.headers.add("Location", std::move(location));
    return response;
}

std::optional<std::string> cookie(const Request& request, std::string_view name) {
    std::optional<std::string> found;
    for (auto line : request.headers.all("Cookie")) {
        while (!line.empty()) {
            const auto end = std::min(line.find(';'), line.size());
            const auto pair = trimmed(line.substr(0, end));
            line.remove_prefix(std::min(end + 1, line.size()));

            const auto equals = pair.find('=');
            if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
            if (found) return std::nullopt;
            found = std::string(pair.substr(equals + 1));
        }
    }
    return found;
}

Result<Form> Form::parse(std::string_view encoded) {
    Form form;
    while (!encoded.empty()) {
        const auto end = std::min(encoded.find('&'), encoded.size());
        const auto pair = encoded.substr(0, end);
        encoded.remove_prefix(std::min(end + 1, encoded.size()));
        if (pair.empty()) continue;

        if (form.fields_.size() == form_fields_max) {
            return refuse(Refusal::invalid, "form.too_many_fields");
        }
        const auto equals = std::min(pair.find('='), pair.size());
        auto name = form_decoded(pair.substr(0, equals));
        auto value = form_decoded(pair.substr(std::min(equals + 1, pair.size())));
        if (!name || !value) return refuse(Refusal::invalid, "form.escape_malformed");
        form.fields_.emplace_back(*std::move(name), *std::move(value));
    }
    return form;
}

std::optional<std::string> Form::only(std::string_view name) const {
    std::optional<std::string> found;
    for (const auto& [field, value] : fields_) {
        if (field != name) continue;
        if (found) return std::nullopt;
        found = value;
    }
    return found;
}

std::vector<std::string> Form::all(std::string_view name) const {
    std::vector<std::string> values;
    for (const auto& [field, value] : fields_) {
        if (field == name) values.push_back(value);
    }
    return values;
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string encoded;
    encoded.reserve(text.size());
    for (const char c : text) {
        if (is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~') {
            encoded += c;
            continue;
        }
        const auto byte = static_cast<std::uint8_t>(c);
        encoded += '%';
        encoded += digits[byte >> 4U];
        encoded += digits[byte & 0xFU];
    }
    return encoded;
}

std::string html_escaped(std::string_view text) {
    std::string escaped;
    escaped.reserve(text.size());
    for (const char c : text) {
        switch (c) {
            case '&':
                escaped += "&amp;";
                break;
            case '<':
                escaped += "&lt;";
                break;
            case '>':
                escaped += "&gt;";
                break;
            case '"':
                escaped += "&quot;";
                break;
            case '\'':
                escaped += "&#39;";
                break;
            default:
                escaped += c;
        }
    }
    return escaped;
}

}  // namespace sallyport::http
