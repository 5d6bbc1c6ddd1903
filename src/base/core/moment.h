#pragma once

#include "base/core/random.h"
#include "base/core/time.h"

#include <cstdint>
#include <string>

namespace sallyport {

// How far the wall clock can be believed; goes into every audit event.
enum class ClockState : std::uint8_t {
    synchronised,    // the kernel says that a time source disciplines it
    unsynchronised,  // nothing disciplines it: times are this machine's own
    behind,          // more than 5 s behind the highest time stored: nothing new may start
};

// The circumstances in which a domain function runs: when, on which node, with which dice. Made by
// the edge once per piece of work, so that everything decided in one transaction has one time.
struct Moment {
    Time now;
    Duration monotonic;
    ClockState clock;
    Random& random;
    const std::string& node;
};

}  // namespace sallyport
