#pragma once
// From a downloaded list (breach_line.h) to a breach list's file. A list of up to 64 MiB may be in
// any order; a longer one is read as it comes, sorted by hash as the download is, in the memory of
// a shard.

#include "base/core/result.h"
#include "base/core/time.h"
#include "domain/authn/breach_list_builder.h"

#include <cstdint>
#include <functional>
#include <istream>
#include <string>

namespace sallyport::authn {

inline constexpr std::uint64_t breach_source_unsorted_max = std::uint64_t{64} << 20;  // bytes

struct BreachSource {
    std::istream& text;
    std::uint64_t size;           // bytes
    std::string name;             // kept in the header; at most breach_source_size_max bytes
    std::uint64_t count_min = 1;  // at least 1: leaves the download's padding out
};

struct BreachProgress {
    std::uint64_t bytes = 0;
    std::uint64_t lines = 0;
};

// Asked about once a mebibyte; false stops.
using GoOn = std::function<bool(const BreachProgress&)>;

// Refuses invalid "breach_list.malformed_line", "breach_list.ntlm_hash", "breach_list.unsorted",
// "breach_list.uneven", each with "line N: " before what is wrong; "breach_list.empty" (no hash is
// left), "breach_list.stopped". What was written until then has no header.
[[nodiscard]] Result<BreachListFacts> build_breach_list(
    const BreachSource& source, Time now, const WriteAt& write, const GoOn& go_on
);

}  // namespace sallyport::authn
