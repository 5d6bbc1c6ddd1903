#include "domain/network/flow_log.h"

#include "base/core/ascii.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>
#include <utility>

namespace sallyport::network {

namespace {

constexpr std::size_t cells_max = 128;
constexpr std::string_view white_space = " \t";

struct ProtocolName {
    std::string_view text;
    Protocol number;
};

constexpr std::array<ProtocolName, 6> protocol_names{{
    {"tcp", tcp},
    {"udp", udp},
    {"icmp", icmp},
    {"ipv6-icmp", icmp6},
    {"icmp6", icmp6},
    {"icmpv6", icmp6},
}};

std::string_view trimmed(std::string_view text, std::string_view what) noexcept {
    const auto begin = text.find_first_not_of(what);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(what) - begin + 1);
}

template <class Number>
std::optional<Number> number(std::string_view text) noexcept {
    Number value{};
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (text.empty() || error != std::errc() || stop != end) return std::nullopt;
    return value;
}

// Seconds since 1970, with or without a fraction, or a date and time, in UTC if it says nothing
// else.
std::optional<Time> flow_time(std::string_view text) {
    constexpr double seconds_max = 253'402'300'799;  // the end of the year 9999
    if (const auto seconds = number<double>(text)) {
        const bool real = std::isfinite(*seconds) && *seconds >= 0 && *seconds <= seconds_max;
        if (!real) return std::nullopt;
        return from_micros(static_cast<std::int64_t>(*seconds * 1e6));
    }
    std::string spelled(text);
    constexpr std::size_t date_size = 10;
    if (spelled.size() > date_size && spelled[date_size] == ' ') spelled[date_size] = 'T';
    const bool zoned =
        spelled.ends_with('Z') ||
        spelled.find_first_of("+-", std::min(date_size, spelled.size())) != std::string::npos;
    if (!zoned) spelled += 'Z';
    const auto time = parse_time(spelled);
    return time ? std::optional(*time) : std::nullopt;
}

bool is_nothing(std::string_view cell) noexcept {
    return cell.empty() || cell == "-" || cell == "(empty)";
}

// What firewalls call a connection that they let pass, and one that they did not.
std::optional<bool> passed(std::string_view action) noexcept {
    constexpr std::array<std::string_view, 6> yes{
        "accept", "accepted", "allow", "allowed", "permit", "pass"
    };
    constexpr std::array<std::string_view, 7> no{
        "reject", "rejected", "deny", "denied", "drop", "block", "blocked"
    };
    const auto among = [&](const auto& words) {
        return std::ranges::any_of(words, [&](std::string_view word) {
            return same_ignoring_case(word, action);
        });
    };
    if (among(yes)) return true;
    if (among(no)) return false;
    return std::nullopt;
}

}  // namespace

std::string protocol_text(Protocol protocol) {
    const auto known = std::ranges::find(protocol_names, protocol, &ProtocolName::number);
    return known == protocol_names.end() ? std::to_string(protocol) : std::string(known->text);
}

std::optional<Protocol> parse_protocol(std::string_view text) noexcept {
    for (const auto& name : protocol_names) {
        if (same_ignoring_case(name.text, text)) return name.number;
    }
    return number<Protocol>(text);
}

std::unexpected<Refusal> FlowLogReader::malformed(std::string_view what) const {
    return refuse(Refusal::invalid, "flow_log.malformed", fmt::format("line {}: {}", line_, what));
}

Result<std::optional<Flow>> FlowLogReader::line(std::string_view text) {
    ++line_;
    if (text.size() > line_size_max) return malformed("longer than 8192 bytes");
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (line_ == 1 && text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (trimmed(text, white_space).empty() || over_) return std::nullopt;
    if (text.starts_with("#fields")) {
        zeek_ = true;
        separator_ = '\t';
        text.remove_prefix(std::string_view("#fields").size());
        SP_CHECK(header(trimmed(text, white_space)));
        return std::nullopt;
    }
    if (text.starts_with('#')) return std::nullopt;
    if (columns_.empty()) {
        const bool commas = text.contains(',');
        const bool semicolons = text.contains(';');
        separator_ = commas ? ',' : semicolons ? ';' : '\0';
        SP_CHECK(header(text));
        return std::nullopt;
    }
    if (same_ignoring_case("summary", trimmed(text, white_space))) {
        over_ = true;
        return std::nullopt;
    }
    return flow(cells_of(text));
}

std::vector<std::string_view> FlowLogReader::cells_of(std::string_view text) const {
    std::vector<std::string_view> cells;
    while (cells.size() < cells_max) {
        if (separator_ == 0) {
            const auto begin = text.find_first_not_of(white_space);
            if (begin == std::string_view::npos) break;
            text.remove_prefix(begin);
        }
        const auto end = separator_ == 0 ? text.find_first_of(white_space) : text.find(separator_);
        cells.push_back(trimmed(trimmed(text.substr(0, end), white_space), "\""));
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    return cells;
}

Result<void> FlowLogReader::header(std::string_view text) {
    struct Name {
        std::string_view text;
        Column column;
    };

    static constexpr std::array<Name, 38> names{{
        {"source", Column::source},
        {"src", Column::source},
        {"srcaddr", Column::source},
        {"src_addr", Column::source},
        {"src_ip", Column::source},
        {"sa", Column::source},
        {"id.orig_h", Column::source},
        {"destination", Column::destination},
        {"dst", Column::destination},
        {"dstaddr", Column::destination},
        {"dst_addr", Column::destination},
        {"dst_ip", Column::destination},
        {"da", Column::destination},
        {"id.resp_h", Column::destination},
        {"protocol", Column::protocol},
        {"proto", Column::protocol},
        {"pr", Column::protocol},
        {"source_port", Column::source_port},
        {"srcport", Column::source_port},
        {"src_port", Column::source_port},
        {"sp", Column::source_port},
        {"id.orig_p", Column::source_port},
        {"destination_port", Column::destination_port},
        {"dstport", Column::destination_port},
        {"dst_port", Column::destination_port},
        {"dp", Column::destination_port},
        {"id.resp_p", Column::destination_port},
        {"count", Column::count},
        {"flows", Column::count},
        {"action", Column::action},
        {"verdict", Column::action},
        {"first", Column::first},
        {"start", Column::first},
        {"ts", Column::first},
        {"last", Column::last},
        {"end", Column::last},
        {"te", Column::last},
        {"time", Column::first},
    }};
    columns_.clear();
    for (const auto cell : cells_of(text)) {
        const auto* const known = std::ranges::find_if(names, [&](const Name& name) {
            return same_ignoring_case(name.text, cell);
        });
        columns_.push_back(known == names.end() ? Column::unused : known->column);
    }

    struct Needed {
        Column column;
        std::string_view what;
    };

    constexpr std::array<Needed, 4> needed{{
        {Column::source, "no column is called source (or srcaddr, src_ip, sa, id.orig_h)"},
        {Column::destination, "no column is called destination (or dstaddr, dst_ip, da, id.resp_h)"
        },
        {Column::protocol, "no column is called protocol (or proto, pr)"},
        {Column::destination_port,
         "no column is called destination_port (or dstport, dst_port, dp, id.resp_p)"},
    }};
    for (const auto& [column, what] : needed) {
        const auto times = std::ranges::count(columns_, column);
        if (times == 1) continue;
        columns_.clear();
        return malformed(times == 0 ? what : "two columns have one name");
    }
    for (const auto column : {Column::source_port, Column::count, Column::action}) {
        if (std::ranges::count(columns_, column) <= 1) continue;
        columns_.clear();
        return malformed("two columns have one name");
    }
    return {};
}

Result<std::optional<Flow>> FlowLogReader::flow(const std::vector<std::string_view>& cells) {
    if (cells.size() != columns_.size()) {
        return malformed(fmt::format("{} cells, not {}", cells.size(), columns_.size()));
    }
    Flow flow;
    for (std::size_t at = 0; at < cells.size(); ++at) {
        const auto column = columns_[at];
        const bool address = column == Column::source || column == Column::destination;
        if (address && is_nothing(cells[at])) return std::nullopt;  // Amazon's NODATA
        if (!take(flow, column, cells[at])) {
            constexpr std::array<std::string_view, 10> what{
                "",
                "the source is no address",
                "the destination is no address",
                "the protocol is neither a known name nor a number",
                "the source port is no port",
                "the destination port is no port",
                "the count is no number from 1 to a million million",
                "the action says neither that it passed nor that it was refused",
                "the time is none",
                "the time is none",
            };
            return malformed(what[std::to_underlying(column)]);
        }
    }
    if (!has_ports(flow.protocol)) flow.source_port = flow.destination_port = 0;
    if (flow.first && !flow.last) flow.last = flow.first;
    return flow;
}

bool FlowLogReader::take(Flow& flow, Column column, std::string_view cell) const {
    const auto into = [](auto& member, auto value) {
        if (value) member = *value;
        return static_cast<bool>(value);
    };
    // Where there are no ports, some logs write a type and a code there ("8.0").
    const auto port_into = [&](std::uint16_t& member) {
        if (is_nothing(cell) || cell.contains('.')) return true;
        return into(member, number<std::uint16_t>(cell));
    };
    switch (column) {
        case Column::unused:
            return true;
        case Column::source:
            return into(flow.source, parse_ip_address(cell));
        case Column::destination:
            return into(flow.destination, parse_ip_address(cell));
        case Column::protocol:
            return into(flow.protocol, parse_protocol(cell));
        case Column::source_port:
            return port_into(flow.source_port);
        case Column::destination_port:
            return port_into(flow.destination_port);
        case Column::count:
            return into(flow.count, number<std::uint64_t>(cell)) && flow.count > 0 &&
                   flow.count <= flow_count_max;
        case Column::action:
            return is_nothing(cell) || into(flow.passed, passed(cell));
        case Column::first:
        case Column::last: {
            if (is_nothing(cell)) return true;
            const auto time = flow_time(cell);
            (column == Column::first ? flow.first : flow.last) = time;
            return time.has_value();
        }
    }
    std::unreachable();
}

}  // namespace sallyport::network
