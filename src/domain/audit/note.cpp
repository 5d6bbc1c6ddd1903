#include "domain/audit/note.h"

#include "domain/audit/canonical_json.h"

#include <algorithm>
#include <utility>

namespace sallyport::audit {

namespace {

constexpr std::byte ed25519{0x01};
constexpr std::string_view dash = "\xE2\x80\x94 ";  // an em dash and a space

std::unexpected<Refusal> malformed() {
    return refuse(Refusal::invalid, "note.malformed");
}

bool is_utf8(std::string_view text) {
    const auto clean = clean_text(text, text.size());
    return !clean.replaced && !clean.cut;
}

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '\x7F';
}

// Unicode's other spaces are refused with all that is not ASCII: our names and those of witnesses
// are schema-less URLs.
bool is_key_name(std::string_view name) {
    return !name.empty() && name.size() <= 255 &&
           std::ranges::all_of(name, [](char c) { return c > ' ' && c < '\x7F' && c != '+'; });
}

// The first four bytes of SHA-256(name "\n" 0x01 key), big-endian.
std::uint32_t key_id(std::string_view name, BytesView public_key) {
    crypto::Sha256 hash;
    hash.update(as_bytes(name));
    hash.update(as_bytes("\n"));
    hash.update({&ed25519, 1});
    hash.update(public_key);
    const auto digest = hash.digest();
    return ByteReader(digest).u32().value();
}

std::string id_text(std::uint32_t id) {
    ByteWriter writer;
    writer.u32(id);
    return to_hex(writer.bytes());
}

Result<NoteSignature> parse_signature(std::string_view line) {
    if (!line.starts_with(dash)) return malformed();
    line.remove_prefix(dash.size());
    const auto space = line.find(' ');
    if (space == std::string_view::npos) return malformed();
    const auto name = line.substr(0, space);
    const auto bytes = from_base64(line.substr(space + 1));
    if (!is_key_name(name) || !bytes || bytes->size() < 5) return malformed();
    const auto id = ByteReader(*bytes).u32().value();
    return NoteSignature{std::string(name), id, Bytes(bytes->begin() + 4, bytes->end())};
}

}  // namespace

Result<VerifierKey> VerifierKey::make(
    std::string name, const std::array<std::byte, 32>& public_key
) {
    if (!is_key_name(name)) return refuse(Refusal::invalid, "note.key_name");
    VerifierKey key;
    key.id_ = key_id(name, public_key);
    key.name_ = std::move(name);
    key.public_key_ = public_key;
    return key;
}

Result<VerifierKey> VerifierKey::parse(std::string_view text) {
    const auto no = [] { return refuse(Refusal::invalid, "note.key_malformed"); };
    const auto name = text.substr(0, text.find('+'));
    if (name.size() + 10 > text.size() || text[name.size() + 9] != '+') return no();
    const auto id = text.substr(name.size() + 1, 8);
    const auto key = from_base64(text.substr(name.size() + 10));
    if (!key || key->size() != 33 || key->front() != ed25519) return no();

    std::array<std::byte, 32> public_key{};
    std::ranges::copy(key->begin() + 1, key->end(), public_key.begin());
    auto made = make(std::string(name), public_key);
    if (!made || id_text(made->id_) != id) return no();
    return made;
}

std::string VerifierKey::text() const {
    Bytes key{ed25519};
    key.insert(key.end(), public_key_.begin(), public_key_.end());
    return name_ + '+' + id_text(id_) + '+' + to_base64(key);
}

bool VerifierKey::verifies(BytesView message, BytesView signature) const {
    return signature.size() == 64 && crypto::verify_ed25519(public_key_, message, signature);
}

Result<Note> parse_note(std::string_view bytes) {
    if (bytes.size() > note_size_max || !is_utf8(bytes)) return malformed();
    if (std::ranges::any_of(bytes, [](char c) { return is_control(c) && c != '\n'; })) {
        return malformed();
    }
    const auto blank = bytes.rfind("\n\n");
    if (blank == std::string_view::npos || !bytes.ends_with('\n')) return malformed();
    Note note;
    note.text = bytes.substr(0, blank + 1);
    auto rest = bytes.substr(blank + 2);
    while (!rest.empty()) {
        const auto end = rest.find('\n');
        SP_TRY(auto signature, parse_signature(rest.substr(0, end)));
        note.signatures.push_back(std::move(signature));
        rest.remove_prefix(end + 1);
    }
    if (note.signatures.empty() || note.signatures.size() > note_signatures_max) {
        return malformed();
    }
    return note;
}

Result<std::string> open_note(std::string_view bytes, std::span<const VerifierKey> keys) {
    SP_TRY(auto note, parse_note(bytes));
    bool good = false;
    for (const auto& signature : note.signatures) {
        const auto key = std::ranges::find_if(keys, [&](const VerifierKey& k) {
            return k.name() == signature.name && k.id() == signature.key_id;
        });
        if (key == keys.end()) continue;
        if (!key->verifies(as_bytes(note.text), signature.signature)) {
            return refuse(Refusal::denied, "note.bad_signature", signature.name);
        }
        good = true;
    }
    if (!good) return refuse(Refusal::denied, "note.unsigned");
    return std::move(note.text);
}

std::string signature_line(
    std::string_view text, const VerifierKey& key, const crypto::SigningKey& signer
) {
    ByteWriter writer;
    writer.u32(key.id());
    writer.put(signer.sign(as_bytes(text)));
    std::string line(dash);
    line += key.name() + ' ' + to_base64(writer.bytes()) + '\n';
    return line;
}

}  // namespace sallyport::audit
