#pragma once
// Faults: the lack of an answer. Thrown by whoever can't go on, caught where a connection, a job
// or the process ends. The text is for the operator's log and names no secret.

#include <stdexcept>
#include <string>

namespace sallyport {

class Fault : public std::runtime_error {
public:
    explicit Fault(const std::string& what) : std::runtime_error(what) {}
};

}  // namespace sallyport
