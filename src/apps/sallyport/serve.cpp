#include "apps/sallyport/serve.h"

#include "apps/sallyport/running_server.h"

#include "base/config/config.h"
#include "base/core/log.h"
#include "base/keys/process_hardening.h"

#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <iostream>
#include <utility>

namespace sallyport::cli {

namespace {

config::Settings checked_settings(const std::string& file) {
    auto settings = config::load_settings(file);
    if (!settings) throw CommandFailed(settings.error().detail);
    bool good = true;
    for (const auto& finding : config::check_settings(*settings)) {
        const bool error = finding.severity == config::Finding::error;
        good = good && !error;
        std::cerr << (error ? "error: " : "warning: ") << finding.text << '\n';
    }
    if (!good) throw CommandFailed(file + " does not fit this machine; nothing was started");
    return *std::move(settings);
}

// Signals are taken by one waiting thread; nothing else is interrupted by them.
sigset_t block_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
        sigaddset(&signals, signal);
    }
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    signal(SIGPIPE, SIG_IGN);
    return signals;
}

}  // namespace

void serve(const std::string& config_file, World world) {
    const auto unsafe = keys::check_environment(environ);
    if (!unsafe) throw CommandFailed(unsafe.error().detail);
    keys::harden_process();
    const auto signals = block_signals();
    auto settings = checked_settings(config_file);
    log::set_level(settings.log.level);

    RunningServer server(std::move(settings), world);
    server.tell_people();
    for (;;) {
        int signal = 0;
        sigwait(&signals, &signal);
        if (signal != SIGHUP) break;
        server.reload_files();
    }
    log::info("stopping");
}

}  // namespace sallyport::cli
