// Whatever a phone sends as an answer, its four fields one a line: what approves has a number, and
// the message that would be signed is unlike any other decision's.
#include "base/crypto/browser_key.h"
#include "domain/authn/push/push_statement.h"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport;
    using namespace sallyport::authn;
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    if (const auto key = read_phone_key(as_bytes(rest)); key && size != crypto::browser_key_size) {
        std::abort();
    }
    std::array<std::string_view, 4> fields;
    for (auto& field : fields) {
        const auto end = rest.find('\n');
        field = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    const auto answer = parse_push_answer(fields[0], fields[1], fields[2], fields[3]);
    if (!answer) return 0;
    const bool approves = answer->decision == PushDecision::approve;
    const bool has_number = answer->number >= push_number_min && answer->number <= push_number_max;
    if (approves != has_number) std::abort();
    auto reported = *answer;
    reported.decision = PushDecision::report;
    const bool alike = push_answer_message(*answer, "o") == push_answer_message(reported, "o");
    if (alike != (answer->decision == PushDecision::report)) std::abort();
    return 0;
}
