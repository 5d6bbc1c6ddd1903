// What an address of `sallyport login` asks for, as port, challenge and state, each on a line: what
// is read leads to 127.0.0.1 and nowhere else.
#include "edge/api/cli_ask.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

std::string_view take_line(std::string_view& rest) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() == rest.size() ? line.size() : line.size() + 1);
    return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport::api;
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    const auto port = take_line(rest);
    const auto challenge = take_line(rest);
    const auto ask = parse_cli_ask(port, challenge, rest);
    if (!ask) return 0;
    if (ask->port < cli_port_min || ask->state.size() != cli_word_size) std::abort();
    const auto address = cli_return_address(*ask, "code");
    if (!address.starts_with("http://127.0.0.1:" + std::string(port) + "/?code=code&state=")) {
        std::abort();
    }
    if (address.find_first_of(" \r\n\"<>#@\\") != std::string::npos) std::abort();
    return 0;
}
