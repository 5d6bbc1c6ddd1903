// Whatever the log, it is refused with a place or read; what was condensed is read again as it was.
#include "domain/network/flow_condenser.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::set<IpAddress> devices{
        parse_ip_address("10.20.30.1").value(), parse_ip_address("2001:db8::1").value()
    };
    const auto flows = network::condensed(input, devices);
    if (!flows) {
        const auto reason = flows.error().reason;
        const bool placed = flows.error().detail.starts_with("line ");
        if (reason != "flow_log.malformed" || !placed) std::abort();
        return 0;
    }
    for (const auto& flow : *flows) {
        const bool ours = devices.contains(flow.source) || devices.contains(flow.destination);
        if (!ours || !flow.passed || flow.source_port != 0) std::abort();
    }
    const auto again = network::condensed(network::to_csv(*flows), devices);
    if (!again || again->size() != flows->size()) std::abort();
    return 0;
}
