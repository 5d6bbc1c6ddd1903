#include "domain/recording/health.h"

#include "base/core/log.h"

namespace sallyport::recording {
namespace {

std::string text_of(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& e) {
        return e.what();
    } catch (...) {
        return "unknown";
    }
}

}  // namespace

void Health::poison(const std::exception_ptr& why) {
    const auto text = text_of(why);
    {
        const std::lock_guard lock(mutex_);
        if (poisoned_) return;
        fault_ = std::make_exception_ptr(RecorderFailed("the recorder is poisoned: " + text));
        poisoned_ = true;
    }
    log::error("recorder poisoned; restart after mending the disk", {{"error", text}});
    report(Trouble::poisoned);
}

std::exception_ptr Health::fault() const {
    const std::lock_guard lock(mutex_);
    return fault_;
}

void Health::report(Trouble trouble) {
    if (on_trouble_) on_trouble_(trouble);
}

Reserve::Reserve(Disk& disk, Health& health, const RecorderSettings& settings)
    : disk_(disk),
      health_(health),
      folder_(settings.folder),
      path_(settings.folder + "/reserve"),
      bytes_(settings.reserve_bytes),
      free_bytes_min_(settings.free_bytes_min) {
    const std::lock_guard lock(mutex_);
    build();
}

bool Reserve::admits() {
    const std::lock_guard lock(mutex_);
    try {
        if (in_use_) build();
        return !in_use_ && disk_.free_bytes(folder_) >= free_bytes_min_;
    } catch (const DiskFault& fault) {
        log::error("can't look at the recordings' disk", {{"error", fault.what()}});
        return false;
    }
}

void Reserve::release() {
    {
        const std::lock_guard lock(mutex_);
        if (in_use_) return;
        disk_.remove(path_);
        in_use_ = true;
    }
    log::error("recordings' disk is full: the reserve is in use", {{"folder", folder_}});
    health_.report(Trouble::on_reserve);
}

// Leaves in_use_ standing if there is no room for it.
void Reserve::build() {
    if (!disk_.exists(path_) && disk_.free_bytes(folder_) < bytes_ + free_bytes_min_) return;
    try {
        disk_.open(path_, OpenMode::write)->allocate(bytes_);
        in_use_ = false;
    } catch (const DiskFull&) {
        disk_.remove(path_);
    }
}

}  // namespace sallyport::recording
