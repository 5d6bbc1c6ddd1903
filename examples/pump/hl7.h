#pragma once
// HL7 v2 over MLLP, as badly as the device does it: messages up to 32 KiB in a fixed buffer, an ACK
// for each, and no answer at all to what does not fit, because then the firmware falls over.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pump {

class MllpBuffer {
public:
    static constexpr std::size_t bytes_max = 32UL << 10;

    // False: the buffer ran over, and with it the communications firmware.
    [[nodiscard]] bool feed(std::string_view bytes);
    // The next whole message (between 0x0B and 0x1C 0x0D), if there is one.
    [[nodiscard]] std::optional<std::string> next();

private:
    std::string buffer_;
};

// MSH|…|ACK with MSA|AA|<control id>, framed. Without a readable MSH: MSA|AR|.
[[nodiscard]] std::string acknowledge(std::string_view message);
// "ADT^A01" of MSH-9, or empty.
[[nodiscard]] std::string message_type(std::string_view message);

}  // namespace pump
