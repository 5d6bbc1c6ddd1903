// Signed notes, checkpoints and verifier keys: what parses prints the same.

#include "domain/audit/checkpoint.h"
#include "domain/audit/note.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace sallyport::audit;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    if (const auto key = VerifierKey::parse(input); key && key->text() != input) std::abort();
    if (const auto checkpoint = parse_checkpoint(input)) {
        if (!input.starts_with(to_text(*checkpoint))) std::abort();
    }
    if (const auto note = parse_note(input)) {
        if (!input.starts_with(note->text)) std::abort();
        static_cast<void>(parse_checkpoint(note->text));
    }
    return 0;
}
