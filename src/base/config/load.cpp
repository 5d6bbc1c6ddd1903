#include "base/config/config.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <system_error>

namespace sallyport::config {
namespace {

// One byte over the parser's limit, so that it is the parser who says so.
constexpr std::size_t read_max = (std::size_t{1} << 20) + 1;

std::optional<std::string> credentials_dir() {
    // Read at the start, before there are threads that could change the environment.
    const char* const folder =
        std::getenv("CREDENTIALS_DIRECTORY");  // NOLINT(concurrency-mt-unsafe)
    if (folder == nullptr || *folder == '\0') return std::nullopt;
    return std::string(folder);
}

}  // namespace

Result<Settings> load_settings(const std::string& path) {
    std::string text(read_max, '\0');
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!file.is_open() || file.bad() || (file.gcount() == 0 && errno != 0)) {
        return refuse(
            Refusal::not_found,
            "config.unreadable",
            fmt::format(
                "configuration file {} can't be read: {}; `sallyport init` writes one, or name "
                "another",
                path,
                std::generic_category().message(errno)
            )
        );
    }
    text.resize(static_cast<std::size_t>(file.gcount()));
    return parse_settings(text, {path, credentials_dir()});
}

}  // namespace sallyport::config
