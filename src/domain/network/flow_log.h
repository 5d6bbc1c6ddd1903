#pragma once
// What was seen to cross the network: one connection a line, as firewalls, routers and clouds write
// it. The first line names the columns, so nfdump's and other CSV, Amazon's VPC flow logs and
// Zeek's conn.log are read by one rule.

#include "base/core/ip_network.h"
#include "base/core/result.h"
#include "base/core/time.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::network {

// IANA's numbers.
using Protocol = std::uint8_t;
inline constexpr Protocol icmp = 1;
inline constexpr Protocol tcp = 6;
inline constexpr Protocol udp = 17;
inline constexpr Protocol icmp6 = 58;

// "tcp", "udp", "icmp", "ipv6-icmp"; others by number.
[[nodiscard]] std::string protocol_text(Protocol protocol);
// Those names in any case, and numbers from 0 to 255.
[[nodiscard]] std::optional<Protocol> parse_protocol(std::string_view text) noexcept;

[[nodiscard]] constexpr bool has_ports(Protocol protocol) noexcept {
    return protocol == tcp || protocol == udp;
}

inline constexpr std::uint64_t flow_count_max = 1'000'000'000'000;  // of one line

struct Flow {
    IpAddress source{};
    IpAddress destination{};
    Protocol protocol = 0;
    std::uint16_t source_port = 0;  // 0: not told, or the protocol has none
    std::uint16_t destination_port = 0;
    std::uint64_t count = 1;    // how many connections the line stands for
    bool passed = true;         // false: a firewall had refused it
    std::optional<Time> first;  // when it began
    std::optional<Time> last;

    friend bool operator==(const Flow&, const Flow&) = default;
};

// The lines of one log, in their order.
class FlowLogReader {
public:
    static constexpr std::size_t line_size_max = 8192;

    // The next line, without its line end. None: it names the columns, is empty, a remark, a
    // summary at the end, or says that there was nothing. Refuses invalid "flow_log.malformed", the
    // detail saying what and in which line: no header, a column that is missing, an address, port,
    // protocol, count or time that is none, a line that is too long.
    [[nodiscard]] Result<std::optional<Flow>> line(std::string_view text);

    // Whether the log tells who began a connection: Zeek's does, one line for both ways.
    [[nodiscard]] bool tells_originator() const noexcept { return zeek_; }

    [[nodiscard]] bool has_header() const noexcept { return !columns_.empty(); }

private:
    enum class Column : std::uint8_t {
        unused,
        source,
        destination,
        protocol,
        source_port,
        destination_port,
        count,
        action,
        first,
        last,
    };

    [[nodiscard]] Result<void> header(std::string_view text);
    [[nodiscard]] Result<std::optional<Flow>> flow(const std::vector<std::string_view>& cells);
    [[nodiscard]] bool take(Flow& flow, Column column, std::string_view cell) const;
    [[nodiscard]] std::vector<std::string_view> cells_of(std::string_view text) const;
    [[nodiscard]] std::unexpected<Refusal> malformed(std::string_view what) const;

    std::vector<Column> columns_;
    std::size_t line_ = 0;
    char separator_ = 0;  // 0: white space
    bool zeek_ = false;
    bool over_ = false;  // nfdump's summary began
};

}  // namespace sallyport::network
