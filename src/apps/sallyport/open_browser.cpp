#include "apps/sallyport/open_browser.h"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

namespace sallyport::cli {

void open_in_browser(const std::string& url) {
    // Nothing here writes the environment.
    const bool display =
        std::getenv("DISPLAY") != nullptr ||        // NOLINT(concurrency-mt-unsafe)
        std::getenv("WAYLAND_DISPLAY") != nullptr;  // NOLINT(concurrency-mt-unsafe)
    if (!display) return;
    std::string program = "xdg-open";
    std::string address = url;
    const std::array<char*, 3> words{program.data(), address.data(), nullptr};
    posix_spawn_file_actions_t quiet;
    posix_spawn_file_actions_init(&quiet);
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        posix_spawn_file_actions_addopen(&quiet, stream, "/dev/null", O_RDWR, 0);
    }
    pid_t child = 0;
    posix_spawnp(&child, program.c_str(), &quiet, nullptr, words.data(), environ);
    posix_spawn_file_actions_destroy(&quiet);
}

}  // namespace sallyport::cli
