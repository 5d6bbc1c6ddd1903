#include "examples/pump/infusion.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace pump {

namespace {

std::string decimal(double value) {
    char text[40];
    (void)std::snprintf(text, sizeof text, "%.2f", value);
    return text;
}

std::string printable_first_line(std::string_view image) {
    const auto line = image.substr(0, std::min<std::size_t>(image.find('\n'), 60));
    const bool text =
        !line.empty() && std::ranges::all_of(line, [](char c) { return c >= ' ' && c <= '~'; });
    return text ? std::string(line) : std::string("unnamed image");
}

}  // namespace

void Infusion::advance(Uptime now) {
    const double hours = std::max(0.0, now - at_) / 3600;
    at_ = now;
    if (!running_) return;
    infused_ml_ += rate_ml_h_ * hours;
    if (infused_ml_ < vtbi_ml_) return;
    infused_ml_ = vtbi_ml_;
    running_ = false;
    note("VTBI reached, motor stopped");
}

std::string Infusion::set_rate(double ml_h) {
    if (ml_h <= 0 || ml_h > rate_max_ml_h) return "rate must be above 0 and at most 1200 ml/h";
    rate_ml_h_ = ml_h;
    note("rate set to " + decimal(ml_h) + " ml/h");
    return {};
}

std::string Infusion::set_vtbi(double ml) {
    if (ml <= 0 || ml > vtbi_max_ml) return "vtbi must be above 0 and at most 9999 ml";
    vtbi_ml_ = ml;
    infused_ml_ = 0;
    note("VTBI set to " + decimal(ml) + " ml");
    return {};
}

std::string Infusion::start() {
    if (service_mode_) return "motor is locked in service mode";
    running_ = true;
    note("motor started");
    return {};
}

void Infusion::stop() {
    running_ = false;
    note("motor stopped");
}

void Infusion::enter_service_mode() {
    running_ = false;
    service_mode_ = true;
    note("service mode entered");
}

void Infusion::leave_service_mode() {
    service_mode_ = false;
    note("service mode left");
}

void Infusion::load_firmware(std::string_view image) {
    firmware_ = printable_first_line(image);
    firmware_bytes_ = image.size();
    note("firmware loaded, " + std::to_string(image.size()) + " bytes, not checked");
}

void Infusion::note(const std::string& what) {
    log_.push_back("[" + decimal(at_) + " s] " + what);
    if (log_.size() > log_lines_max) log_.pop_front();
}

std::string Infusion::to_json() const {
    return "{\"rate_ml_h\":" + decimal(rate_ml_h_) + ",\"vtbi_ml\":" + decimal(vtbi_ml_) +
           ",\"infused_ml\":" + decimal(infused_ml_) +
           ",\"running\":" + (running_ ? "true" : "false") +
           ",\"service_mode\":" + (service_mode_ ? "true" : "false") +
           ",\"firmware\":" + json_quoted(firmware_) + "}";
}

std::string Infusion::to_state() const {
    return "rate=" + decimal(rate_ml_h_) + "\nvtbi=" + decimal(vtbi_ml_) +
           "\ninfused=" + decimal(infused_ml_) + "\nfirmware=" + firmware_ + "\n";
}

void Infusion::read_state(std::string_view state) {
    while (!state.empty()) {
        const auto end = std::min(state.find('\n'), state.size());
        const auto line = state.substr(0, end);
        state.remove_prefix(std::min(end + 1, state.size()));
        const auto equals = line.find('=');
        if (equals == std::string_view::npos) continue;
        const auto name = line.substr(0, equals);
        const auto text = line.substr(equals + 1);
        const double amount = parse_amount(text);
        if (name == "rate" && amount > 0 && amount <= rate_max_ml_h) rate_ml_h_ = amount;
        if (name == "vtbi" && amount > 0 && amount <= vtbi_max_ml) vtbi_ml_ = amount;
        if (name == "infused" && amount >= 0) infused_ml_ = amount;
        if (name == "firmware") firmware_ = printable_first_line(text);
    }
}

std::string json_quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += (c >= ' ' && c <= '~') ? c : '?';
    }
    return out + '"';
}

double parse_amount(std::string_view text) {
    if (text.empty() || text.size() > 12) return -1;
    if (!std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || c == '.'; })) {
        return -1;
    }
    const std::string copy(text);
    char* end = nullptr;
    const double amount = std::strtod(copy.c_str(), &end);
    return end == copy.c_str() + copy.size() ? amount : -1;
}

}  // namespace pump
