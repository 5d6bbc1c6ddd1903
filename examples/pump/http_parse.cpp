#include "examples/pump/http_parse.h"

#include "examples/pump/service_password.h"

#include <algorithm>
#include <charconv>

namespace pump {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
        text.remove_prefix(1);
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == '\r')) {
        text.remove_suffix(1);
    }
    return text;
}

HttpParse refused(int status) {
    HttpParse result;
    result.error = status;
    return result;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char l = lower(c);
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

std::string form_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+') {
            out += ' ';
        } else if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
                   hex_digit(text[i + 2]) >= 0) {
            out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

// "name": "text" or "name": 12.5 in a flat object; no escapes, as the firmware has it.
std::optional<std::string> json_field(std::string_view json, std::string_view name) {
    const std::string key = '"' + std::string(name) + '"';
    const auto at = json.find(key);
    if (at == std::string_view::npos) return std::nullopt;
    auto rest = trimmed(json.substr(at + key.size()));
    if (!rest.starts_with(':')) return std::nullopt;
    rest = trimmed(rest.substr(1));
    if (rest.starts_with('"')) {
        const auto end = rest.find('"', 1);
        if (end == std::string_view::npos) return std::nullopt;
        return std::string(rest.substr(1, end - 1));
    }
    return std::string(trimmed(rest.substr(0, std::min(rest.find_first_of(",}\r\n"), rest.size())))
    );
}

std::optional<std::string> form_field(std::string_view form, std::string_view name) {
    while (!form.empty()) {
        const auto end = std::min(form.find('&'), form.size());
        const auto pair = form.substr(0, end);
        form.remove_prefix(std::min(end + 1, form.size()));
        const auto equals = std::min(pair.find('='), pair.size());
        if (pair.substr(0, equals) != name) continue;
        return form_decoded(pair.substr(std::min(equals + 1, pair.size())));
    }
    return std::nullopt;
}

bool parse_head(std::string_view head, HttpRequest& request) {
    const auto line = head.substr(0, head.find("\r\n"));
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) return false;
    request.method = line.substr(0, first);
    request.target = line.substr(first + 1, last - first - 1);
    request.path = request.target.substr(0, request.target.find('?'));
    const auto version = line.substr(last + 1);
    if (version != "HTTP/1.1" && version != "HTTP/1.0") return false;
    request.version = version == "HTTP/1.1" ? 11 : 10;

    head.remove_prefix(std::min(line.size() + 2, head.size()));
    while (!head.empty()) {
        const auto end = std::min(head.find("\r\n"), head.size());
        const auto field = head.substr(0, end);
        head.remove_prefix(std::min(end + 2, head.size()));
        const auto colon = field.find(':');
        if (colon == std::string_view::npos) return false;
        request.headers.emplace_back(field.substr(0, colon), trimmed(field.substr(colon + 1)));
    }
    return true;
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view HttpRequest::header(std::string_view name) const {
    for (const auto& [field, value] : headers) {
        if (same_name(field, name)) return value;
    }
    return {};
}

bool HttpRequest::keep_alive() const {
    const auto connection = header("Connection");
    if (version == 10) return same_name(connection, "keep-alive");
    return !same_name(connection, "close");
}

HttpParse parse_http(std::string_view buffer) {
    const auto end = buffer.find("\r\n\r\n");
    if (end == std::string_view::npos) {
        return buffer.size() > message_bytes_max ? refused(413) : HttpParse{};
    }
    HttpRequest request;
    if (!parse_head(buffer.substr(0, end), request)) return refused(400);
    if (!request.header("Transfer-Encoding").empty()) return refused(411);

    std::size_t body_size = 0;
    if (const auto length = request.header("Content-Length"); !length.empty()) {
        const auto [stop, error] =
            std::from_chars(length.data(), length.data() + length.size(), body_size);
        if (error != std::errc() || stop != length.data() + length.size()) return refused(400);
    }
    const bool firmware = request.method == "POST" && request.path == "/firmware";
    if (body_size > (firmware ? firmware_bytes_max : message_bytes_max)) return refused(413);
    const std::size_t whole = end + 4 + body_size;
    if (buffer.size() < whole) return {};

    request.body = buffer.substr(end + 4, body_size);
    HttpParse result;
    result.done = std::move(request);
    result.used = whole;
    return result;
}

std::optional<std::string> field(const HttpRequest& request, std::string_view name) {
    const bool json = request.header("Content-Type").starts_with("application/json");
    return json ? json_field(request.body, name) : form_field(request.body, name);
}

bool authorised(const HttpRequest& request) {
    const std::string expected =
        "Basic " + base64(std::string(service_user) + ":" + std::string(service_password));
    return request.header("Authorization") == expected;
}

std::string base64(std::string_view bytes) {
    static constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t left = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t word = 0;
        for (std::size_t j = 0; j < 3; ++j) {
            word = (word << 8U) | (j < left ? static_cast<unsigned char>(bytes[i + j]) : 0U);
        }
        for (std::size_t j = 0; j < 4; ++j) {
            out += j <= left ? alphabet[(word >> (18U - 6U * j)) & 63U] : '=';
        }
    }
    return out;
}

}  // namespace pump
