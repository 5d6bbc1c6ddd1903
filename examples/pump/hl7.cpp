#include "examples/pump/hl7.h"

#include <algorithm>

namespace pump {

namespace {

constexpr char start_of_block = '\x0b';
constexpr char end_of_block = '\x1c';

// Field `index` of the MSH segment, counted as HL7 does: MSH-1 is the separator itself.
std::string msh_field(std::string_view message, std::size_t index) {
    if (!message.starts_with("MSH") || message.size() < 4) return {};
    const char separator = message[3];
    auto segment = message.substr(0, std::min(message.find('\r'), message.size()));
    for (std::size_t at = 1; at < index; ++at) {
        const auto bar = segment.find(separator);
        if (bar == std::string_view::npos) return {};
        segment.remove_prefix(bar + 1);
    }
    return std::string(segment.substr(0, std::min(segment.find(separator), segment.size())));
}

}  // namespace

bool MllpBuffer::feed(std::string_view bytes) {
    buffer_.append(bytes);
    return buffer_.size() <= bytes_max;
}

std::optional<std::string> MllpBuffer::next() {
    const auto begin = buffer_.find(start_of_block);
    if (begin == std::string::npos) {
        buffer_.clear();
        return std::nullopt;
    }
    const auto end = buffer_.find(end_of_block, begin);
    if (end == std::string::npos || end + 1 >= buffer_.size()) return std::nullopt;
    auto message = buffer_.substr(begin + 1, end - begin - 1);
    buffer_.erase(0, end + 2);
    return message;
}

std::string message_type(std::string_view message) {
    return msh_field(message, 9);
}

std::string acknowledge(std::string_view message) {
    const auto control_id = msh_field(message, 10);
    const auto* const code = control_id.empty() ? "AR" : "AA";
    return std::string(1, start_of_block) + "MSH|^~\\&|EMP3200|PUMP|||||ACK|" + control_id +
           "|P|2.3\rMSA|" + code + "|" + control_id + "\r" + end_of_block + "\r";
}

}  // namespace pump
