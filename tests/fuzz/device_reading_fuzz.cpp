// The first line is a pointer, the rest a device's answer: what is read is short and printable.
#include "domain/directory/device_reading.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport::directory;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto end = std::min(input.find('\n'), input.size());
    const auto pointer = input.substr(0, end);
    if (!is_pointer(pointer)) return 0;
    const auto value = value_at(input.substr(std::min(end + 1, input.size())), pointer);
    if (!value) {
        if (value.error().reason != "device.reading_malformed") std::abort();
        return 0;
    }
    const bool printable =
        std::ranges::all_of(*value, [](char c) { return c >= ' ' && c < '\x7f'; });
    if (value->empty() || value->size() > reading_value_size_max || !printable) std::abort();
    return 0;
}
