#include "domain/audit/key_chain.h"

#include "base/core/fault.h"
#include "base/core/lines.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace sallyport::audit {

namespace {

constexpr std::string_view title = "sallyport log key change";

Bytes bytes_of(std::string_view text) {
    const auto view = as_bytes(text);
    return {view.begin(), view.end()};
}

// "<title>\n<old vkey>\n<new vkey>\n<size>\n"
std::string change_text(const VerifierKey& old, const VerifierKey& next, std::uint64_t size) {
    return std::string(title) + '\n' + old.text() + '\n' + next.text() + '\n' +
           std::to_string(size) + '\n';
}

struct Change {
    VerifierKey old;
    VerifierKey next;
    std::uint64_t size;
};

Result<Change> read_change(std::string_view note) {
    const auto no = [] { return refuse(Refusal::denied, "key_chain.broken"); };
    SP_TRY(const auto parsed, parse_note(note));
    const auto lines = lines_of(parsed.text);
    if (lines.size() != 4) return no();
    SP_TRY(auto old, VerifierKey::parse(lines[1]));
    SP_TRY(auto next, VerifierKey::parse(lines[2]));
    std::uint64_t size = 0;
    std::from_chars(lines[3].data(), lines[3].data() + lines[3].size(), size);
    if (parsed.text != change_text(old, next, size) || old.name() != next.name()) return no();
    if (!open_note(note, {&old, 1}) || !open_note(note, {&next, 1})) return no();
    return Change{std::move(old), std::move(next), size};
}

std::string rotation_path(std::size_t number) {
    auto digits = std::to_string(number);
    return "rotations/" + std::string(digits.size() < 4 ? 4 - digits.size() : 0, '0') + digits;
}

}  // namespace

LogSigner LogSigner::make(std::string origin, crypto::SigningKey secret) {
    auto key = VerifierKey::make(std::move(origin), secret.public_key());
    if (!key) throw Fault("the log's origin is no name for a key: spaces, '+' or nothing in it");
    return {*std::move(key), std::move(secret)};
}

Result<KeyChain> KeyChain::read(const LogFiles& files, const VerifierKey& trusted) {
    std::vector<Link> links;
    for (std::size_t number = 1;; ++number) {
        const auto path = rotation_path(number);
        const auto note = files.read(path);
        if (!note) break;
        const auto change = read_change(as_text(*note));
        const bool linked = change && (links.empty() || (links.back().key == change->old &&
                                                         links.back().from_size <= change->size));
        if (!linked) return refuse(Refusal::denied, "key_chain.broken", path);
        if (links.empty()) links.push_back({change->old, 0});
        links.push_back({change->next, change->size});
    }
    if (links.empty()) links.push_back({trusted, 0});
    if (std::ranges::find(links, trusted, &Link::key) == links.end()) {
        return refuse(Refusal::denied, "key_chain.not_trusted");
    }
    return KeyChain(std::move(links));
}

std::vector<VerifierKey> KeyChain::keys_at(std::uint64_t size) const {
    std::vector<VerifierKey> keys;
    for (std::size_t i = 0; i < links_.size(); ++i) {
        const bool begun = links_[i].from_size <= size;
        const bool over = i + 1 < links_.size() && links_[i + 1].from_size < size;
        if (begun && !over) keys.push_back(links_[i].key);
    }
    return keys;
}

Result<Checkpoint> KeyChain::open(std::string_view note) const {
    SP_TRY(const auto parsed, parse_note(note));
    SP_TRY(const auto named, parse_checkpoint(parsed.text));
    return open_checkpoint(note, keys_at(named.size));
}

void rotate_log_key(
    LogFiles& files, const LogSigner& old, const LogSigner& next, std::uint64_t size
) {
    if (old.key.name() != next.key.name()) throw Fault("a log key is replaced under its own name");
    const auto chain = KeyChain::read(files, old.key);
    if (!chain || chain->newest() != old.key) {
        throw Fault("the key to be replaced is not the newest key of the log");
    }
    const auto text = change_text(old.key, next.key, size);
    const auto note = text + '\n' + signature_line(text, old.key, old.secret) +
                      signature_line(text, next.key, next.secret);
    const LogFile file{rotation_path(chain->size()), bytes_of(note)};
    files.write({&file, 1});
    publish_verifier_key(files, next.key);
}

void publish_verifier_key(LogFiles& files, const VerifierKey& key) {
    const LogFile file{"vkey", bytes_of(key.text() + '\n')};
    if (files.read(file.path) == file.content) return;
    files.write({&file, 1});
}

}  // namespace sallyport::audit
