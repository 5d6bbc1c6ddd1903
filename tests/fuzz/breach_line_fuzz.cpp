// Whatever stands in the list that is imported: a line is read as it is written, or refused; the
// whole is a list that has every hash of it, or refused.
#include "domain/authn/breach_line.h"

#include "base/core/bytes.h"
#include "domain/authn/breach_samples.h"

#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

using namespace sallyport;

namespace {

void read_line(std::string_view line) {
    const auto read = authn::parse_breach_line(line);
    if (!read) return;
    if (line.size() > authn::breach_line_size_max + 1) std::abort();
    ByteWriter key;
    key.u64(read->key);
    auto start = std::string(line.substr(0, 16));
    for (auto& digit : start) {
        if (digit >= 'A') digit = static_cast<char>(digit | 0x20);
    }
    if (to_hex(key.bytes()) != start) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    read_line(text);
    std::istringstream stream(text);
    Bytes file;
    const authn::BreachSource source{.text = stream, .size = size, .name = "x", .count_min = 1};
    const auto built = authn::build_breach_list(
        source, from_micros(0), test::write_into(file), [](const auto&) { return true; }
    );
    if (!built) return 0;
    const auto list = test::open_list(std::move(file));
    if (!list || !list->verify()) std::abort();
    std::istringstream again(text);
    for (std::string line; std::getline(again, line);) {
        const auto read = authn::parse_breach_line(line);
        if (read && read->count > 0 && !list->contains(read->key)) std::abort();
    }
    return 0;
}
