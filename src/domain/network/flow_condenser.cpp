#include "domain/network/flow_condenser.h"

#include <fmt/format.h>

#include <utility>

namespace sallyport::network {

namespace {

constexpr std::uint16_t well_known_end = 1024;

void widen(Flow& sum, const Flow& flow) {
    sum.count += flow.count;
    if (flow.first && (!sum.first || *flow.first < *sum.first)) sum.first = flow.first;
    if (flow.last && (!sum.last || *flow.last > *sum.last)) sum.last = flow.last;
}

template <class Map, class Key>
void add_to(Map& flows, const Key& key, const Flow& flow) {
    const auto [at, is_new] = flows.try_emplace(key, flow);
    if (!is_new) widen(at->second, flow);
}

}  // namespace

Result<void> FlowCondenser::add(const Flow& flow, Originator originator) {
    ++lines_;
    const bool ours = devices_.contains(flow.source) || devices_.contains(flow.destination);
    if (!flow.passed || !ours) return {};
    auto one = flow;
    one.source_port = 0;
    const bool may_answer = originator == Originator::guessed && flow.source_port != 0 &&
                            flow.source_port < flow.destination_port;
    if (may_answer) {
        const Key from{flow.source, flow.destination, flow.protocol, flow.source_port};
        const auto [at, is_new] = answers_.try_emplace(from, Answer{one, {}});
        auto& answer = at->second;
        if (!is_new) widen(answer.sum, one);
        const bool told_apart = answer.to_ports.size() < answer_ports_max ||
                                answer.to_ports.contains(flow.destination_port);
        if (told_apart) add_to(answer.to_ports, flow.destination_port, one);
    } else {
        const bool even = originator == Originator::guessed && flow.source_port != 0 &&
                          flow.source_port == flow.destination_port;
        const Key key{flow.source, flow.destination, flow.protocol, flow.destination_port};
        add_to(even ? even_ : flows_, key, one);
    }
    if (flows_.size() + answers_.size() + even_.size() <= flows_max) return {};
    return refuse(
        Refusal::invalid,
        "flow_log.too_many",
        fmt::format("more than {} different flows of these devices", flows_max)
    );
}

bool FlowCondenser::asked_first(const Flow& flow, const Flow& other) const {
    if (flow.first && other.first && *flow.first != *other.first) return *flow.first < *other.first;
    const bool device = devices_.contains(flow.source);
    if (device != devices_.contains(other.source)) return device;
    return flow.source < other.source;
}

std::vector<Flow> FlowCondenser::flows() const {
    auto whole = flows_;
    for (const auto& [key, flow] : even_) {
        const auto other = even_.find({key.destination, key.source, key.protocol, key.port});
        const bool answers = other != even_.end() && !asked_first(flow, other->second);
        if (!answers) add_to(whole, key, flow);
    }
    for (const auto& [from, answer] : answers_) {
        const Key asked{from.destination, from.source, from.protocol, from.port};
        if (whole.contains(asked)) continue;
        if (from.port < well_known_end) {
            auto flow = answer.sum;
            std::swap(flow.source, flow.destination);
            flow.destination_port = from.port;
            add_to(whole, asked, flow);
            continue;
        }
        for (const auto& [port, flow] : answer.to_ports) {
            add_to(whole, Key{from.source, from.destination, from.protocol, port}, flow);
        }
    }
    std::vector<Flow> flows;
    for (const auto& [key, flow] : whole) {
        flows.push_back(flow);
    }
    return flows;
}

std::string to_csv(const std::vector<Flow>& flows) {
    std::string csv = "source,destination,protocol,destination_port,count,first,last\n";
    const auto time = [](const std::optional<Time>& at) {
        return at ? to_text(*at) : std::string("-");
    };
    for (const auto& flow : flows) {
        csv += fmt::format(
            "{},{},{},{},{},{},{}\n",
            ip_address_text(flow.source),
            ip_address_text(flow.destination),
            protocol_text(flow.protocol),
            flow.destination_port,
            flow.count,
            time(flow.first),
            time(flow.last)
        );
    }
    return csv;
}

Result<std::vector<Flow>> condensed(std::string_view log, const std::set<IpAddress>& devices) {
    FlowLogReader reader;
    FlowCondenser condenser(devices);
    while (!log.empty()) {
        const auto end = log.find('\n');
        SP_TRY(const auto flow, reader.line(log.substr(0, end)));
        log.remove_prefix(end == std::string_view::npos ? log.size() : end + 1);
        if (!flow) continue;
        SP_CHECK(
            condenser.add(*flow, reader.tells_originator() ? Originator::told : Originator::guessed)
        );
    }
    if (!reader.has_header()) {
        return refuse(Refusal::invalid, "flow_log.malformed", "line 1: there is no header");
    }
    return condenser.flows();
}

}  // namespace sallyport::network
