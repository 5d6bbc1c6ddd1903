// Whatever a firewall lists, it is compared or refused; nothing is in force that was not listed.
#include "domain/network/rule_text.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

sallyport::network::NetworkRule small_rule() {
    using namespace sallyport;
    network::NetworkRule rule;
    rule.name = "pumps";
    rule.gateways = {parse_ip_address("10.20.0.5").value()};
    rule.devices = {{"pump-01", parse_ip_address("10.20.30.1").value(), {8080}}};
    rule.kept = {
        {network::Direction::from_device,
         parse_ip_address("10.1.1.9").value(),
         network::udp,
         123,
         "time"}
    };
    return rule;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport::network;
    static const auto rule = small_rule();
    if (size == 0) return 0;
    const auto dialect = dialects[data[0] % dialects.size()];
    const std::string_view listed(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto found = drift(rule, dialect, listed);
    if (!found) {
        if (found.error().reason != "network.deployed_malformed") std::abort();
        return 0;
    }
    if (found->reordered && !(found->missing.empty() && found->unexpected.empty())) std::abort();
    if (found->unexpected.size() > size) std::abort();
    return 0;
}
