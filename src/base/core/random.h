#pragma once

#include <cstddef>
#include <span>

namespace sallyport {

// The seam to randomness for ids, salts and nonces. Keys and tokens use crypto::Secret::random.
class Random {
public:
    virtual ~Random() = default;
    virtual void fill(std::span<std::byte> out) = 0;
};

}  // namespace sallyport
