#pragma once
// How far a long import is, on standard error, and whether somebody wants it to stop.

#include "base/core/time.h"
#include "domain/authn/breach_list_source.h"

#include <cstdint>

namespace sallyport::cli {

// While one is there, SIGINT, SIGTERM and SIGHUP ask for the end in place of making it. One at a
// time.
class ImportProgress {
public:
    // `clock` must outlive it.
    ImportProgress(std::uint64_t size, const Clock& clock);
    ~ImportProgress();
    ImportProgress(const ImportProgress&) = delete;
    ImportProgress& operator=(const ImportProgress&) = delete;
    ImportProgress(ImportProgress&&) = delete;
    ImportProgress& operator=(ImportProgress&&) = delete;

    // Says how far it is, every second at a terminal, every tenth otherwise. False: stop.
    [[nodiscard]] bool go_on(const authn::BreachProgress& so_far);
    // The last word, after which output of another kind may come.
    void end();

private:
    void say(const authn::BreachProgress& so_far);

    std::uint64_t size_;
    const Clock& clock_;
    bool at_terminal_;
    Duration said_at_{};
    std::uint64_t tenths_said_ = 0;
};

}  // namespace sallyport::cli
