#include "apps/sallyport/published_log.h"

#include "apps/sallyport/command.h"

#include "base/keys/log_key.h"
#include "domain/audit/key_chain.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <utility>

namespace sallyport::cli {

namespace {

namespace fs = std::filesystem;

audit::KeyChain key_chain(const config::Settings& settings, const audit::LogFiles& published) {
    const auto signer =
        audit::LogSigner::make(settings.audit.origin, keys::load_log_key(settings.keys.log_key));
    auto chain = audit::KeyChain::read(published, signer.key);
    if (!chain) throw CommandFailed("the log's keys are not linked: " + chain.error().detail);
    return *std::move(chain);
}

// Every checkpoint that was signed for this log and lies in this folder (empty: not configured).
// One that was not signed by the log's key is no word at all.
std::vector<audit::PublishedCheckpoint> checkpoints_in(
    const std::string& folder, const audit::KeyChain& chain
) {
    if (folder.empty() || !fs::exists(folder)) return {};
    auto found = audit::published_checkpoints(*audit::view_log_folder(folder), folder, chain);
    if (found) return *std::move(found);
    throw CommandFailed(
        found.error().detail + " is not signed by this log's key; look at it first"
    );
}

void put_aside_within(const std::string& folder, const std::string& name) {
    if (folder.empty() || !fs::exists(folder)) return;
    // Its children, not itself: it may be where another machine's disk is mounted.
    const auto aside = fs::path(folder) / name;
    fs::create_directory(aside);
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().filename().string().starts_with("lost.")) continue;
        fs::rename(entry.path(), aside / entry.path().filename());
    }
    std::cout << "Kept what it held as " << aside.string() << ".\n";
}

}  // namespace

PublishedLog::PublishedLog(const config::Settings& settings)
    : folder_(settings.server.data_dir + "/log"),
      anchor_folder_(settings.audit.anchor_dir),
      files_(audit::view_log_folder(folder_)) {
    const auto chain = key_chain(settings, *files_);
    known_ = checkpoints_in(anchor_folder_, chain);
    anchored_ = !known_.empty();
    for (auto& own : checkpoints_in(folder_, chain)) {
        size_ = std::max(size_, own.checkpoint.size);
        known_.push_back(std::move(own));
    }
}

// A count would take another log of the same length for this one; the roots don't.
audit::RestoredLog PublishedLog::require_in(store::Database& database) const {
    auto held = audit::check_restored_log(database, known_, *files_, size_);
    if (held) return *std::move(held);
    const auto& why = held.error();
    if (why.reason == "restored_log.fork") {
        throw CommandFailed(
            "the backup holds another log than the one that was published: " + why.detail +
            ". Use a backup of this log. If you know why there are two, keep that checkpoint as "
            "evidence elsewhere and restore without it"
        );
    }
    throw CommandFailed("the audit log in the backup is not whole: " + why.detail);
}

void PublishedLog::put_aside(Time now) const {
    auto name = "lost." + to_text(now);
    std::ranges::replace(name, ':', '-');
    put_aside_within(folder_, name);
    put_aside_within(anchor_folder_, name);
}

}  // namespace sallyport::cli
