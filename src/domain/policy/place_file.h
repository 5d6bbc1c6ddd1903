#pragma once
// A file that says in which country an address is registered: MaxMind DB format 2.0, as GeoLite2,
// DB-IP and others publish it.

#include "base/core/bytes.h"
#include "base/core/ip_network.h"
#include "base/core/result.h"

#include <cstddef>
#include <memory>
#include <string>

namespace sallyport::policy {

// Files of cities are about half of this.
inline constexpr std::size_t place_file_size_max = std::size_t{256} << 20U;

// Immutable, so thread-safe. Holds a copy of the bytes: a file that is replaced or cut short on the
// disk moves nothing under a lookup.
class PlaceFile {
public:
    // Refuses invalid "place_file.malformed" and "place_file.too_large". A fault if the system has
    // no memory for the copy.
    [[nodiscard]] static Result<PlaceFile> open(BytesView bytes);

    PlaceFile(PlaceFile&& other) noexcept;
    PlaceFile& operator=(PlaceFile&& other) noexcept;
    PlaceFile(const PlaceFile&) = delete;
    PlaceFile& operator=(const PlaceFile&) = delete;
    ~PlaceFile();

    // ISO 3166-1 alpha-2; empty: the file does not say, or is damaged there. From
    // country.iso_code, or else from a flat country_code.
    [[nodiscard]] std::string country_of(const IpAddress& address) const;

private:
    struct Reader;
    explicit PlaceFile(std::unique_ptr<Reader> reader) noexcept;

    std::unique_ptr<Reader> reader_;
};

}  // namespace sallyport::policy
