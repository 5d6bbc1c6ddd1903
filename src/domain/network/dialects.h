#pragma once
// Each dialect's writer, and how its listing is read. Behind rule_text.h.

#include "base/core/lines.h"
#include "domain/network/network_rule.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::network {

// A purpose as a remark that no dialect can misread: printable ASCII without quotes.
[[nodiscard]] std::string remark(std::string_view purpose);
// The number of a protocol that a listing calls by its name ("gre"); else the text itself.
[[nodiscard]] std::string protocol_number(std::string_view name);
// The words of a line; what stands in double quotes is one, with them.
[[nodiscard]] std::vector<std::string_view> words_of(std::string_view line);
[[nodiscard]] std::string joined(std::span<const std::string> words);

[[nodiscard]] std::string nftables_text(const NetworkRule& rule);
[[nodiscard]] std::string iptables_text(const NetworkRule& rule, Family family);
[[nodiscard]] std::string ios_text(const NetworkRule& rule);
[[nodiscard]] std::string nxos_text(const NetworkRule& rule);
[[nodiscard]] std::string junos_text(const NetworkRule& rule);
[[nodiscard]] std::string aws_text(const NetworkRule& rule);

// The lines that decide, each with what stands around it where that matters. From the writer's own
// text and from a listing alike.
[[nodiscard]] std::vector<std::string> nftables_lines(
    const NetworkRule& rule, std::string_view text
);
[[nodiscard]] std::vector<std::string> iptables_lines(
    const NetworkRule& rule, std::string_view text
);
[[nodiscard]] std::vector<std::string> cisco_lines(const NetworkRule& rule, std::string_view text);
[[nodiscard]] std::vector<std::string> junos_lines(const NetworkRule& rule, std::string_view text);

}  // namespace sallyport::network
