#include "domain/audit/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace sallyport::audit {

namespace {

// The next line of `rest`, without its newline; nothing if there is none.
bool take_line(std::string_view& rest, std::string_view& line) {
    const auto end = rest.find('\n');
    if (end == std::string_view::npos) return false;
    line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return !line.empty();
}

// Decimal, without a leading zero.
bool read_size(std::string_view line, std::uint64_t& size) {
    const auto* const end = line.data() + line.size();
    const auto [stop, error] = std::from_chars(line.data(), end, size);
    return error == std::errc() && stop == end && (line == "0" || !line.starts_with('0'));
}

}  // namespace

Result<Checkpoint> parse_checkpoint(std::string_view text) {
    const auto no = [] { return refuse(Refusal::invalid, "checkpoint.malformed"); };
    std::string_view origin;
    std::string_view size;
    std::string_view root;
    if (!take_line(text, origin) || !take_line(text, size) || !take_line(text, root)) return no();
    std::string_view extension;
    while (!text.empty()) {
        if (!take_line(text, extension)) return no();
    }
    Checkpoint checkpoint;
    checkpoint.origin = origin;
    const auto hash = from_base64(root);
    if (!read_size(size, checkpoint.size) || !hash || hash->size() != checkpoint.root.size()) {
        return no();
    }
    std::ranges::copy(*hash, checkpoint.root.begin());
    return checkpoint;
}

std::string to_text(const Checkpoint& checkpoint) {
    return checkpoint.origin + '\n' + std::to_string(checkpoint.size) + '\n' +
           to_base64(checkpoint.root) + '\n';
}

Result<Checkpoint> open_checkpoint(std::string_view note, std::span<const VerifierKey> keys) {
    SP_TRY(const auto text, open_note(note, keys));
    SP_TRY(auto checkpoint, parse_checkpoint(text));
    if (std::ranges::none_of(keys, [&](const auto& k) { return k.name() == checkpoint.origin; })) {
        return refuse(Refusal::denied, "checkpoint.other_origin");
    }
    return checkpoint;
}

std::string sign_checkpoint(
    const Checkpoint& checkpoint, const VerifierKey& key, const crypto::SigningKey& signer
) {
    const auto text = to_text(checkpoint);
    return text + '\n' + signature_line(text, key, signer);
}

}  // namespace sallyport::audit
