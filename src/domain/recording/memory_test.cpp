#include "tests/support/databases.h"
#include "tests/support/recorded.h"

#include <doctest/doctest.h>
#include <malloc.h>

using namespace sallyport;
using namespace sallyport::recording;

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SP_TEST_OWN_ALLOCATOR 1
#endif
#endif

#ifndef SP_TEST_OWN_ALLOCATOR  // sanitizers bring their own allocator, which mallinfo2 can't see
TEST_CASE("an open recording takes less than 200 KB, whatever went through it") {
    const test::TemporaryFolder folder;
    const auto keys = test::fixed_keys();
    PosixDisk disk;
    test::ReplayedRandom random;
    auto settings = test::small_settings(folder.file("rec"));
    settings.segment_bytes_max = 64U << 20U;
    const auto recorder = open_recorder(settings, keys, random, disk);
    const auto in_use = [] {
        const auto info = ::mallinfo2();
        return info.uordblks + info.hblkhd;
    };
    const auto before = in_use();

    constexpr std::size_t count = 64;
    std::vector<std::shared_ptr<Recording>> open;
    for (std::size_t i = 0; i < count; ++i) {
        open.push_back(recorder->open(test::info_of(test::fresh_connection(i + 1))).value());
    }
    std::size_t most = 0;
    for (int round = 0; round < 20; ++round) {
        std::vector<std::future<std::uint64_t>> waiting;
        for (const auto& recording : open) {
            waiting.push_back(test::submit(*recording, test::frame_of(std::string(8000, 'm'))));
        }
        for (auto& frame : waiting) {
            (void)frame.get();
        }
        most = std::max(most, in_use() - before);
    }

    MESSAGE("bytes per open recording: " << most / count);
    CHECK(most / count < 200'000);
}
#endif
