#include "examples/pump/web.h"

#include "examples/pump/web_page.h"

#include <algorithm>
#include <array>

namespace pump {

namespace {

HttpAnswer make(int status, std::string type, std::string body) {
    HttpAnswer result;
    result.status = status;
    result.headers.emplace_back("Content-Type", std::move(type));
    result.body = std::move(body);
    return result;
}

HttpAnswer plain(int status, std::string body) {
    return make(status, "text/plain", std::move(body));
}

HttpAnswer json(std::string body) {
    return make(200, "application/json", std::move(body));
}

std::string absolute(const Surroundings& around, std::string_view path) {
    return "http://" + around.own_address + std::string(path);
}

// A form gets the page back, a script gets JSON.
HttpAnswer after_post(
    const HttpRequest& request,
    const Infusion& infusion,
    const Surroundings& around,
    const std::string& trouble
) {
    if (!trouble.empty()) return plain(400, trouble + "\n");
    const bool form =
        request.header("Content-Type").starts_with("application/x-www-form-urlencoded") &&
        request.header("Accept").contains("text/html");
    if (!form) return json(infusion.to_json());
    auto result = plain(303, "see the panel\n");
    result.headers.emplace_back("Location", absolute(around, "/panel"));
    return result;
}

HttpAnswer status_page(const Infusion& infusion, const Surroundings& around) {
    return json(
        "{\"model\":\"EMP-3200\",\"serial\":" + json_quoted(around.serial) +
        ",\"running\":" + std::string(infusion.running() ? "true" : "false") +
        ",\"service_mode\":" + (infusion.service_mode() ? "true" : "false") +
        ",\"firmware\":" + json_quoted(infusion.firmware()) +
        ",\"hl7\":" + (around.hl7_alive ? "\"up\"" : "\"down\"") +
        ",\"comm_restarts\":" + std::to_string(around.comm_restarts) + "}"
    );
}

// POST rate_ml_h, vtbi_ml, action=start|stop; each may be left out.
std::string change_infusion(const HttpRequest& request, Infusion& infusion) {
    if (const auto rate = field(request, "rate_ml_h")) {
        if (auto trouble = infusion.set_rate(parse_amount(*rate)); !trouble.empty()) return trouble;
    }
    if (const auto vtbi = field(request, "vtbi_ml")) {
        if (auto trouble = infusion.set_vtbi(parse_amount(*vtbi)); !trouble.empty()) return trouble;
    }
    const auto action = field(request, "action").value_or("");
    if (action == "start") return infusion.start();
    if (action == "stop") infusion.stop();
    return {};
}

std::string change_service_mode(const HttpRequest& request, Infusion& infusion) {
    const auto action = field(request, "action").value_or("");
    if (action != "enter" && action != "leave") return "action must be enter or leave";
    action == "enter" ? infusion.enter_service_mode() : infusion.leave_service_mode();
    return {};
}

// The device shows the whole request to help its developers, password and all.
HttpAnswer debug_page(const HttpRequest& request) {
    std::string text = request.method + ' ' + request.target + '\n';
    for (const auto& [name, value] : request.headers) {
        text += name + ": " + value + '\n';
    }
    text += '\n' + request.body;
    return plain(200, std::move(text));
}

HttpAnswer log_page(const Infusion& infusion) {
    std::string text;
    for (const auto& line : infusion.log()) {
        text += line + '\n';
    }
    auto result = plain(200, std::move(text));
    result.framing = Framing::chunked;
    return result;
}

HttpAnswer manual_page() {
    auto result = plain(200, std::string(manual_text));
    result.framing = Framing::until_close;
    return result;
}

HttpAnswer panel_page() {
    auto result = make(200, "text/html; charset=iso-8859-1", std::string(panel_html));
    result.headers.emplace_back("Set-Cookie", "EMPSESSION=4711; Path=/");
    return result;
}

HttpAnswer console_page(const HttpRequest& request) {
    if (!same_name(request.header("Upgrade"), "emp-console")) {
        auto result = plain(426, "Upgrade: emp-console\n");
        result.headers.emplace_back("Upgrade", "emp-console");
        result.headers.emplace_back("Connection", "Upgrade");
        return result;
    }
    HttpAnswer result;
    result.status = 101;
    result.headers.emplace_back("Upgrade", "emp-console");
    result.headers.emplace_back("Connection", "Upgrade");
    result.console = true;
    return result;
}

HttpAnswer unauthorised() {
    auto result = plain(401, "service password required\n");
    result.headers.emplace_back("WWW-Authenticate", "Basic realm=\"EMP-3200 service\"");
    return result;
}

HttpAnswer home(const Surroundings& around) {
    auto result = plain(302, "see the panel\n");
    result.headers.emplace_back("Location", absolute(around, "/panel"));
    return result;
}

HttpAnswer get(const HttpRequest& request, Infusion& infusion, const Surroundings& around) {
    const auto& path = request.path;
    if (path == "/") return home(around);
    if (path == "/panel") return panel_page();
    if (path == "/infusion" || path == "/service-mode") return json(infusion.to_json());
    if (path == "/firmware") {
        return json(
            "{\"version\":" + json_quoted(infusion.firmware()) +
            ",\"bytes\":" + std::to_string(infusion.firmware_bytes()) + "}"
        );
    }
    if (path == "/log") return log_page(infusion);
    if (path == "/manual") return manual_page();
    if (path == "/debug") return debug_page(request);
    if (path == "/console") return console_page(request);
    return plain(404, "no such page\n");
}

HttpAnswer post(const HttpRequest& request, Infusion& infusion, const Surroundings& around) {
    const auto& path = request.path;
    if (path == "/infusion") {
        return after_post(request, infusion, around, change_infusion(request, infusion));
    }
    if (path == "/service-mode") {
        return after_post(request, infusion, around, change_service_mode(request, infusion));
    }
    if (path == "/firmware") {
        infusion.load_firmware(request.body);
        return json(infusion.to_json());
    }
    if (path == "/debug") return debug_page(request);
    return plain(404, "no such page\n");
}

std::string_view reason_phrase(int status) {
    static constexpr std::array<std::pair<int, std::string_view>, 13> phrases{{
        {101, "Switching Protocols"},
        {200, "OK"},
        {302, "Found"},
        {303, "See Other"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {411, "Length Required"},
        {413, "Payload Too Large"},
        {426, "Upgrade Required"},
        {500, "Internal Error"},
        {503, "Busy"},
    }};
    const auto* const found =
        std::ranges::find(phrases, status, [](const auto& p) { return p.first; });
    return found == phrases.end() ? std::string_view("Unknown") : found->second;
}

std::string chunked_body(std::string_view body) {
    static constexpr std::size_t chunk_bytes = 7;  // small, so that secrets fall across borders
    std::string out;
    while (!body.empty()) {
        const auto piece = body.substr(0, chunk_bytes);
        out += std::to_string(piece.size());  // one hex digit is enough below ten
        out += "\r\n" + std::string(piece) + "\r\n";
        body.remove_prefix(piece.size());
    }
    return out + "0\r\n\r\n";
}

}  // namespace

HttpAnswer answer(const HttpRequest& request, Infusion& infusion, const Surroundings& around) {
    const bool reads = request.method == "GET" || request.method == "HEAD";
    if (reads && request.path == "/status") return status_page(infusion, around);
    if (!authorised(request)) return unauthorised();
    if (reads) return get(request, infusion, around);
    if (request.method == "POST") return post(request, infusion, around);
    return plain(405, "GET, HEAD or POST\n");
}

std::string console_line(std::string_view line, Infusion& infusion) {
    if (line == "help") return "status  start  stop  rate N  help  quit\r\n";
    if (line == "status") return infusion.to_json() + "\r\n";
    if (line == "quit") return "bye\r\n";
    if (line == "stop") {
        infusion.stop();
        return "ok\r\n";
    }
    std::string trouble = "what?";
    if (line == "start") trouble = infusion.start();
    if (line.starts_with("rate ")) trouble = infusion.set_rate(parse_amount(line.substr(5)));
    return (trouble.empty() ? "ok" : trouble) + "\r\n";
}

std::string to_wire(const HttpAnswer& answer, bool head_only, bool keep_alive) {
    const bool until_close = answer.framing == Framing::until_close;
    std::string out = until_close ? "HTTP/1.0 " : "HTTP/1.1 ";
    out += std::to_string(answer.status) + ' ' + std::string(reason_phrase(answer.status)) + "\r\n";
    out += "Server: EmbHTTPd/1.03\r\n";
    for (const auto& [name, value] : answer.headers) {
        out += name + ": " + value + "\r\n";
    }
    if (answer.console) return out + "\r\n";
    if (!until_close) out += keep_alive ? "Connection: keep-alive\r\n" : "Connection: close\r\n";
    if (answer.framing == Framing::length) {
        out += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n";
    }
    if (answer.framing == Framing::chunked) out += "Transfer-Encoding: chunked\r\n";
    out += "\r\n";
    if (head_only) return out;
    return out + (answer.framing == Framing::chunked ? chunked_body(answer.body) : answer.body);
}

}  // namespace pump
