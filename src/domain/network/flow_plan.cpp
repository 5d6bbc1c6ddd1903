#include "domain/network/flow_plan.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace sallyport::network {

FlowPlan replay(const NetworkRule& rule, std::span<const Flow> flows) {
    struct Gathered {
        FlowLine line;
        std::set<IpAddress> devices;
    };

    FlowPlan plan;
    std::map<std::tuple<Direction, IpAddress, Protocol, std::uint16_t>, Gathered> denied;
    for (const auto& flow : flows) {
        switch (judge(rule, flow)) {
            case Judgement::elsewhere:
                continue;
            case Judgement::gateway:
                plan.by_gateway += flow.count;
                continue;
            case Judgement::kept:
                plan.kept += flow.count;
                continue;
            case Judgement::denied:
                break;
        }
        const bool to = device_at(rule, flow.destination) != nullptr;
        const auto direction = to ? Direction::to_device : Direction::from_device;
        const auto& peer = to ? flow.source : flow.destination;
        auto& gathered = denied[{direction, peer, flow.protocol, flow.destination_port}];
        auto& line = gathered.line;
        line.direction = direction;
        line.peer = peer;
        line.protocol = flow.protocol;
        line.port = flow.destination_port;
        line.count += flow.count;
        line.is_way_around |= is_way_around(rule, flow);
        if (flow.first && (!line.first || *flow.first < *line.first)) line.first = flow.first;
        if (flow.last && (!line.last || *flow.last > *line.last)) line.last = flow.last;
        gathered.devices.insert(to ? flow.destination : flow.source);
    }
    for (auto& [key, gathered] : denied) {
        gathered.line.devices = gathered.devices.size();
        plan.denied.push_back(gathered.line);
    }
    return plan;
}

}  // namespace sallyport::network
