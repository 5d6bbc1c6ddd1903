#pragma once
// A flow log of millions of lines, reduced to who opened what on which device: one flow for each
// pair of addresses, protocol and port.

#include "base/core/ip_network.h"
#include "base/core/result.h"
#include "domain/network/flow_log.h"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace sallyport::network {

enum class Originator : std::uint8_t {
    guessed,  // a line is one way, and may be the answer
    told,     // the source began it
};

class FlowCondenser {
public:
    static constexpr std::size_t flows_max = 100'000;

    // Keeps what begins or ends at one of these.
    explicit FlowCondenser(std::set<IpAddress> devices) : devices_(std::move(devices)) {}

    // Leaves out what a firewall had refused: it is dead already. Refuses invalid
    // "flow_log.too_many": more than flows_max different flows.
    [[nodiscard]] Result<void> add(const Flow& flow, Originator originator);

    // In order of addresses, without source ports. An answer counts as part of what it answers:
    // where the log holds the other way too, or it came from a well-known port (RFC 6335 §6, below
    // 1024) and went to a higher one. With one port at both ends (NTP) the earlier way is the
    // asking one, or else the device's.
    [[nodiscard]] std::vector<Flow> flows() const;

    [[nodiscard]] std::uint64_t lines() const noexcept { return lines_; }

private:
    struct Key {
        IpAddress source;
        IpAddress destination;
        Protocol protocol;
        std::uint16_t port;

        friend auto operator<=>(const Key&, const Key&) = default;
    };

    // What may be the answer of source:port to a client there, whose port changes.
    struct Answer {
        Flow sum;
        std::map<std::uint16_t, Flow> to_ports;  // at most answer_ports_max are told apart
    };

    // Whether this way asked, of two with one port at both ends.
    [[nodiscard]] bool asked_first(const Flow& flow, const Flow& other) const;

    static constexpr std::size_t answer_ports_max = 16;

    std::set<IpAddress> devices_;
    std::map<Key, Flow> flows_;
    std::map<Key, Answer> answers_;
    std::map<Key, Flow> even_;  // one port at both ends
    std::uint64_t lines_ = 0;
};

// As FlowLogReader reads it.
[[nodiscard]] std::string to_csv(const std::vector<Flow>& flows);

// Reads a whole log and condenses it. Refuses as FlowLogReader::line() and FlowCondenser::add(),
// and "flow_log.malformed" for a log without a header.
[[nodiscard]] Result<std::vector<Flow>> condensed(
    std::string_view log, const std::set<IpAddress>& devices
);

}  // namespace sallyport::network
