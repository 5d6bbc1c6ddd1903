#pragma once
// Where the sources lie that a test reads as data: vectors, documents, the code itself.

#include <string>
#include <string_view>

namespace sallyport::test {

// The absolute path of `below` in the checkout that this binary was built from.
[[nodiscard]] std::string in_checkout(std::string_view below);

// The absolute path of `below` in tests/vectors.
[[nodiscard]] std::string in_vectors(std::string_view below);

}  // namespace sallyport::test
