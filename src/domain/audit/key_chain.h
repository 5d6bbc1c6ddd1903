#pragma once
// Which key signed the log at which size. A log starts with one key. When it gets another, the old
// one signs the new one and the size from which it holds, and so does the new one the old: the note
// lies in the log's folder as "rotations/0001" and so on. Whoever trusts one key of the chain can
// check them all.

#include "domain/audit/checkpoint.h"
#include "domain/audit/log_files.h"
#include "domain/audit/note.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sallyport::audit {

// The log's signing key under the log's name.
struct LogSigner {
    VerifierKey key;
    crypto::SigningKey secret;

    // A name that no key can have is a Fault (the configuration has checked it).
    [[nodiscard]] static LogSigner make(std::string origin, crypto::SigningKey secret);
};

class KeyChain {
public:
    // Refuses "key_chain.broken" with the file in `detail`: not signed by both keys, or not linked
    // to the one before; and "key_chain.not_trusted" if `trusted` is not in it.
    [[nodiscard]] static Result<KeyChain> read(const LogFiles& files, const VerifierKey& trusted);

    // Whose signature counts under a checkpoint of this size: one key, or two where they change.
    [[nodiscard]] std::vector<VerifierKey> keys_at(std::uint64_t size) const;
    // A signed checkpoint, by the key that counts at the size it names. Refuses what
    // open_checkpoint refuses.
    [[nodiscard]] Result<Checkpoint> open(std::string_view note) const;

    [[nodiscard]] const VerifierKey& newest() const { return links_.back().key; }

    // How many keys the log has had.
    [[nodiscard]] std::size_t size() const noexcept { return links_.size(); }

private:
    struct Link {
        VerifierKey key;
        std::uint64_t from_size = 0;
    };

    explicit KeyChain(std::vector<Link> links) : links_(std::move(links)) {}

    std::vector<Link> links_;
};

// Has `next` sign the log from `size` (the published checkpoint's) on: writes the note and the file
// "vkey". The two have the same name. The sequencer must not be running.
void rotate_log_key(
    LogFiles& files, const LogSigner& old, const LogSigner& next, std::uint64_t size
);
// Writes "vkey" if it is missing or another key's: the newest key, for whoever wants to verify.
void publish_verifier_key(LogFiles& files, const VerifierKey& key);

}  // namespace sallyport::audit
