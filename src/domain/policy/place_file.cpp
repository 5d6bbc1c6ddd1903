#include "domain/policy/place_file.h"

#include "base/core/fault.h"
#include "base/core/system_error_text.h"
#include "domain/policy/place_file_metadata.h"

#include <maxminddb.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace sallyport::policy {

namespace {

constexpr std::array<unsigned char, 12> ipv4_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

// A file without a name, gone with its descriptor: the library opens nothing else.
class UnnamedFile {
public:
    explicit UnnamedFile(BytesView bytes) : descriptor_(memfd_create("place-file", MFD_CLOEXEC)) {
        if (descriptor_ < 0) fail("no memory for a place file");
        while (!bytes.empty()) {
            const auto written = write(descriptor_, bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR) continue;
            if (written <= 0) {
                const auto why = errno;
                close(descriptor_);
                errno = why;
                fail("no memory for a place file");
            }
            bytes = bytes.subspan(static_cast<std::size_t>(written));
        }
    }

    ~UnnamedFile() { close(descriptor_); }

    UnnamedFile(const UnnamedFile&) = delete;
    UnnamedFile& operator=(const UnnamedFile&) = delete;
    UnnamedFile(UnnamedFile&&) = delete;
    UnnamedFile& operator=(UnnamedFile&&) = delete;

    [[nodiscard]] std::string path() const {
        return "/proc/self/fd/" + std::to_string(descriptor_);
    }

private:
    [[noreturn]] static void fail(const std::string& what) {
        throw Fault(what + ": " + system_error_text(errno));
    }

    int descriptor_;
};

bool is_country(std::string_view text) {
    return text.size() == 2 &&
           std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

// The text at `path` of an entry, if it is a country's code; else empty.
std::string country_at(MMDB_entry_s entry, std::initializer_list<const char*> path) {
    std::array<const char*, 3> terminated{};
    std::ranges::copy(path, terminated.begin());
    MMDB_entry_data_s found{};
    if (MMDB_aget_value(&entry, &found, terminated.data()) != MMDB_SUCCESS) return {};
    if (!found.has_data || found.type != MMDB_DATA_TYPE_UTF8_STRING) return {};
    // The format's own accessor: which member holds a value is told by its type.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-union-access)
    const std::string_view text(found.utf8_string, found.data_size);
    return is_country(text) ? std::string(text) : std::string();
}

}  // namespace

struct PlaceFile::Reader {
    explicit Reader(const std::string& path)
        : opened(MMDB_open(path.c_str(), MMDB_MODE_MMAP, &file) == MMDB_SUCCESS) {}

    ~Reader() {
        if (opened) MMDB_close(&file);
    }

    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    Reader(Reader&&) = delete;
    Reader& operator=(Reader&&) = delete;

    MMDB_s file{};
    bool opened;
};

PlaceFile::PlaceFile(std::unique_ptr<Reader> reader) noexcept : reader_(std::move(reader)) {}

PlaceFile::PlaceFile(PlaceFile&& other) noexcept = default;
PlaceFile& PlaceFile::operator=(PlaceFile&& other) noexcept = default;
PlaceFile::~PlaceFile() = default;

Result<PlaceFile> PlaceFile::open(BytesView bytes) {
    if (bytes.size() > place_file_size_max) {
        return refuse(Refusal::invalid, "place_file.too_large");
    }
    SP_CHECK(check_tree_size(bytes));
    const UnnamedFile copy(bytes);
    auto reader = std::make_unique<Reader>(copy.path());
    if (!reader->opened) return refuse(Refusal::invalid, "place_file.malformed");
    return PlaceFile(std::move(reader));
}

std::string PlaceFile::country_of(const IpAddress& address) const {
    sockaddr_storage storage{};
    if (std::ranges::equal(ipv4_prefix, std::span(address).first(ipv4_prefix.size()))) {
        sockaddr_in ipv4{};
        ipv4.sin_family = AF_INET;
        std::memcpy(&ipv4.sin_addr, address.data() + ipv4_prefix.size(), sizeof ipv4.sin_addr);
        std::memcpy(&storage, &ipv4, sizeof ipv4);
    } else {
        sockaddr_in6 ipv6{};
        ipv6.sin6_family = AF_INET6;
        std::memcpy(&ipv6.sin6_addr, address.data(), address.size());
        std::memcpy(&storage, &ipv6, sizeof ipv6);
    }
    int error = MMDB_SUCCESS;
    const auto found = MMDB_lookup_sockaddr(
        // The socket API's own way of saying either kind of address.
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
        &reader_->file,
        reinterpret_cast<const sockaddr*>(&storage),
        &error
    );
    if (error != MMDB_SUCCESS || !found.found_entry) return {};
    auto country = country_at(found.entry, {"country", "iso_code"});
    return country.empty() ? country_at(found.entry, {"country_code"}) : country;
}

}  // namespace sallyport::policy
