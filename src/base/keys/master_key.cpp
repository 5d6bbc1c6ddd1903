#include "base/keys/key_file.h"
#include "base/keys/key_ring.h"
#include "base/keys/log_key.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>

namespace sallyport::keys {
namespace {

constexpr std::size_t key_size = 32;

}  // namespace

std::optional<std::string> master_key_credential() {
    // Read at the start, before there are threads that could change the environment.
    const char* const folder =
        std::getenv("CREDENTIALS_DIRECTORY");  // NOLINT(concurrency-mt-unsafe)
    if (folder == nullptr || *folder == '\0') return std::nullopt;
    auto path = std::string(folder) + "/master.key";
    // Any other trouble than "not there" is met, and told, by who reads it.
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0 && errno == ENOENT) return std::nullopt;
    return path;
}

KeyRing load_key_ring(const std::string& master_key_path) {
    return KeyRing(read_key_file(master_key_credential().value_or(master_key_path)));
}

void create_master_key(const std::string& master_key_path) {
    create_key_file(master_key_path, crypto::Secret::random(key_size));
}

crypto::SigningKey load_log_key(const std::string& log_key_path) {
    return crypto::SigningKey::from_seed(read_key_file(log_key_path));
}

void create_log_key(const std::string& log_key_path) {
    create_key_file(log_key_path, crypto::SigningKey::generate().seed());
}

}  // namespace sallyport::keys
