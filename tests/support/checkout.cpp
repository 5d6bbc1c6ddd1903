#include "tests/support/checkout.h"

namespace sallyport::test {

// The one file that is compiled with a path, so that a second checkout finds the others in the
// compiler cache.
std::string in_checkout(std::string_view below) {
    return std::string(SALLYPORT_CHECKOUT "/").append(below);
}

std::string in_vectors(std::string_view below) {
    return in_checkout("tests/vectors/").append(below);
}

}  // namespace sallyport::test
