#include "base/crypto/pem.h"

#include <string>

namespace sallyport::crypto {

namespace {

constexpr std::string_view begin_mark = "-----BEGIN ";
constexpr std::string_view end_mark = "-----END ";
constexpr std::string_view mark_tail = "-----";

// The next line, without its end; takes it off `rest`.
std::string_view next_line(std::string_view& rest) {
    const auto end = rest.find('\n');
    auto line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) {
        line.remove_suffix(1);
    }
    return line;
}

// The label of a line like "-----BEGIN label-----", or nothing.
std::string_view label_of(std::string_view line, std::string_view mark) {
    if (!line.starts_with(mark) || !line.ends_with(mark_tail)) return {};
    if (line.size() < mark.size() + mark_tail.size()) return {};
    return line.substr(mark.size(), line.size() - mark.size() - mark_tail.size());
}

// The Base64 up to the end of the block that `label` has begun.
Result<std::string> block_text(std::string_view& rest, std::string_view label) {
    std::string base64;
    while (!rest.empty()) {
        const auto line = next_line(rest);
        if (line.starts_with(end_mark)) {
            if (label_of(line, end_mark) != label) return refuse(Refusal::invalid, "pem.malformed");
            return base64;
        }
        base64 += line;
    }
    return refuse(Refusal::invalid, "pem.malformed");
}

}  // namespace

Result<std::vector<Bytes>> pem_blocks(
    std::string_view text, std::string_view label, const PemLimits& limits
) {
    if (text.size() > limits.text_size_max) return refuse(Refusal::invalid, "pem.too_large");
    std::vector<Bytes> blocks;
    while (!text.empty()) {
        const auto line = next_line(text);
        if (!line.starts_with(begin_mark)) continue;
        const auto begun = label_of(line, begin_mark);
        if (begun.empty()) return refuse(Refusal::invalid, "pem.malformed");
        SP_TRY(const auto base64, block_text(text, begun));
        if (begun != label) continue;
        if (blocks.size() == limits.blocks_max) return refuse(Refusal::invalid, "pem.too_many");
        auto content = from_base64(base64);
        if (!content || content->empty()) return refuse(Refusal::invalid, "pem.malformed");
        blocks.push_back(*std::move(content));
    }
    if (blocks.empty()) return refuse(Refusal::invalid, "pem.empty");
    return blocks;
}

}  // namespace sallyport::crypto
