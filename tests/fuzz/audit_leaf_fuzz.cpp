// Audit leaves as `verify` reads them: canonical JSON or nothing. Whatever reads as a leaf is read
// the same way again, and text that was cleaned goes through the writer and back unchanged.

#include "domain/audit/canonical_json.h"
#include "domain/audit/leaf.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace sallyport::audit;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    static_cast<void>(read_leaf(input));

    const auto clean = clean_text(input, leaf_value_size_max);
    std::string literal;
    append_json_string(literal, clean.text);
    JsonScanner scanner(literal);
    if (scanner.string() != clean.text || !scanner.finished()) std::abort();
    return 0;
}
