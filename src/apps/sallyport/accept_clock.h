#pragma once
// `sallyport clock accept`: the way back after a clock that was ahead. Sallyport never believes a
// time before the highest that it has seen; an operator who has mended the clock says so here, on
// the stopped server, and it is on record.

#include "apps/sallyport/command.h"

#include <string>

namespace sallyport::cli {

struct AcceptedClock {
    std::string config_file;
    std::string reason;
};

// Everybody is signed out, and what the wrong clock left (authn::bring_back_times) ends. Throws
// CommandFailed: the server runs, or the clock is not behind.
void accept_clock(const AcceptedClock& given, const World& world);

}  // namespace sallyport::cli
