#include "base/keys/sealed_file.h"

#include "tests/support/databases.h"

#include "base/core/fault.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace sallyport::keys {

namespace {

KeyRing ring(int fill) {
    std::array<std::byte, 32> bytes{};
    bytes.fill(static_cast<std::byte>(fill));
    return KeyRing(crypto::Secret::take(bytes));
}

void write_file(const std::string& path, const std::string& content) {
    std::ofstream(path, std::ios::binary) << content;
}

std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

constexpr std::size_t mebibyte = 1U << 20U;

TEST_CASE("a sealed file comes back as it was, whatever its size") {
    const test::TemporaryFolder folder;
    const auto keys = ring(1);
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, mebibyte - 1, mebibyte, mebibyte + 1, 2 * mebibyte}) {
        CAPTURE(size);
        const auto name = std::to_string(size);
        const std::string plain(size, 'p');
        write_file(folder.file(name), plain);
        seal_file(keys, Purpose::backup_key, folder.file(name), folder.file(name + ".sealed"));
        CHECK(!content_of(folder.file(name + ".sealed")).contains("pppp"));
        unseal_file(
            keys, Purpose::backup_key, folder.file(name + ".sealed"), folder.file(name + ".back")
        );
        CHECK(content_of(folder.file(name + ".back")) == plain);
    }
}

TEST_CASE("a sealed file that was changed, cut at a chunk or sealed by another key does not open") {
    const test::TemporaryFolder folder;
    const auto keys = ring(1);
    write_file(folder.file("plain"), std::string(2 * mebibyte + 5, 'p'));
    seal_file(keys, Purpose::backup_key, folder.file("plain"), folder.file("sealed"));
    const auto sealed = content_of(folder.file("sealed"));
    const auto refused = [&](const std::string& content, const KeyRing& with) {
        write_file(folder.file("tampered"), content);
        CHECK_THROWS_AS(
            unseal_file(with, Purpose::backup_key, folder.file("tampered"), folder.file("out")),
            Fault
        );
        CHECK(!std::filesystem::exists(folder.file("out")));
    };
    auto flipped = sealed;
    flipped[sealed.size() / 2] = static_cast<char>(flipped[sealed.size() / 2] ^ 1);
    refused(flipped, keys);
    constexpr std::size_t header_size = 40;
    constexpr std::size_t sealed_chunk = mebibyte + 16;
    refused(sealed.substr(0, header_size + sealed_chunk), keys);
    refused(sealed.substr(0, header_size), keys);
    const auto first = sealed.substr(header_size, sealed_chunk);
    refused(
        sealed.substr(0, header_size) + first + first +
            sealed.substr(header_size + 2 * sealed_chunk),
        keys
    );
    refused(sealed, ring(2));
    refused("not sealed at all", keys);
    CHECK_THROWS_AS(
        unseal_file(keys, Purpose::vault_item, folder.file("sealed"), folder.file("out")), Fault
    );
}

}  // namespace

}  // namespace sallyport::keys
