#include "base/keys/sealed_file.h"

#include "base/core/fault.h"
#include "base/core/system_error_text.h"
#include "base/crypto/crypto.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <vector>

namespace sallyport::keys {

namespace {

constexpr std::string_view magic = "SPSEAL1\n";
constexpr std::size_t salt_size = 32;
constexpr std::size_t header_size = magic.size() + salt_size;
constexpr std::size_t chunk_size = 1U << 20U;
constexpr std::size_t tag_size = 16;

[[noreturn]] void fail(const std::string& path, const std::string& what) {
    throw Fault(path + ": " + what);
}

class File {
public:
    File(const std::string& path, int flags) : path_(path) {
        constexpr mode_t private_mode = 0600;
        file_ = open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, private_mode);
        if (file_ < 0) fail(path, system_error_text(errno));
    }

    ~File() { close(file_); }

    File(const File&) = delete;
    File& operator=(const File&) = delete;
    File(File&&) = delete;
    File& operator=(File&&) = delete;

    // Up to `out.size()` bytes; fewer only at the end.
    std::size_t read_full(std::span<std::byte> out) {
        std::size_t size = 0;
        while (size < out.size()) {
            const auto got = read(file_, out.data() + size, out.size() - size);
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) fail(path_, system_error_text(errno));
            if (got == 0) break;
            size += static_cast<std::size_t>(got);
        }
        return size;
    }

    void write_all(BytesView bytes) {
        while (!bytes.empty()) {
            const auto count = write(file_, bytes.data(), bytes.size());
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) fail(path_, system_error_text(errno));
            bytes = bytes.subspan(static_cast<std::size_t>(count));
        }
    }

    void sync() {
        if (fsync(file_) != 0) fail(path_, system_error_text(errno));
    }

private:
    const std::string& path_;
    int file_;
};

// Binds a chunk to its file, its place and whether another follows: a file that was cut at a
// chunk's border does not open either.
Bytes place(BytesView header, std::uint64_t index, bool last) {
    ByteWriter writer;
    writer.put(header);
    writer.u64(index);
    writer.u8(last ? 1 : 0);
    return std::move(writer).take();
}

Bytes nonce_of(std::uint64_t index) {
    ByteWriter writer;
    writer.u32(0);
    writer.u64(index);
    return std::move(writer).take();
}

crypto::Secret file_key(const KeyRing& keys, Purpose purpose, BytesView salt) {
    return crypto::hkdf_sha256(keys.key(purpose), salt, "sallyport sealed file v1", salt_size);
}

// Runs over chunks of `size`, telling which is the last; an empty file has one empty chunk.
template <class EachChunk>
void for_each_chunk(File& from, std::size_t size, EachChunk each) {
    std::vector<std::byte> current(size);
    std::vector<std::byte> next(size);
    auto current_size = from.read_full(current);
    for (std::uint64_t index = 0;; ++index) {
        const auto next_size = current_size < size ? 0 : from.read_full(next);
        const bool last = next_size == 0;
        each(std::span(current).first(current_size), index, last);
        if (last) return;
        std::swap(current, next);
        current_size = next_size;
    }
}

// Removes the file unless it was kept.
class NewFile {
public:
    explicit NewFile(const std::string& path)
        : path_(path), file_(path, O_WRONLY | O_CREAT | O_EXCL) {}

    ~NewFile() {
        if (!kept_) unlink(path_.c_str());
    }

    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;
    NewFile(NewFile&&) = delete;
    NewFile& operator=(NewFile&&) = delete;

    File& file() { return file_; }

    void keep() {
        file_.sync();
        kept_ = true;
    }

private:
    const std::string& path_;
    File file_;
    bool kept_ = false;
};

}  // namespace

void seal_file(
    const KeyRing& keys, Purpose purpose, const std::string& from, const std::string& to
) {
    File source(from, O_RDONLY);
    NewFile target(to);
    std::array<std::byte, header_size> header{};
    std::ranges::copy(as_bytes(magic), header.begin());
    crypto::SystemRandom().fill(std::span(header).subspan(magic.size()));
    const auto key = file_key(keys, purpose, std::span(header).subspan(magic.size()));
    target.file().write_all(header);
    for_each_chunk(source, chunk_size, [&](BytesView plain, std::uint64_t index, bool last) {
        const auto bound = place(header, index, last);
        target.file().write_all(crypto::aead_seal_at(key, nonce_of(index), bound, plain));
    });
    target.keep();
}

void unseal_file(
    const KeyRing& keys, Purpose purpose, const std::string& from, const std::string& to
) {
    File source(from, O_RDONLY);
    std::array<std::byte, header_size> header{};
    const bool known = source.read_full(header) == header_size &&
                       std::ranges::equal(std::span(header).first(magic.size()), as_bytes(magic));
    if (!known) fail(from, "is not a file that Sallyport sealed");
    NewFile target(to);
    const auto key = file_key(keys, purpose, std::span(header).subspan(magic.size()));
    for_each_chunk(
        source,
        chunk_size + tag_size,
        [&](BytesView sealed, std::uint64_t index, bool last) {
            const auto bound = place(header, index, last);
            const auto plain = crypto::aead_open_at(key, nonce_of(index), bound, sealed);
            if (!plain) {
                fail(
                    from, "does not open: it was changed or cut, or the master key is another one"
                );
            }
            target.file().write_all(*plain);
        }
    );
    target.keep();
}

}  // namespace sallyport::keys
