// kill -9 of a recorder under load, on a real disk: what it acknowledged is there after a restart.

#include "tests/support/databases.h"
#include "tests/support/recorded.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <map>
#include <random>

using namespace sallyport;
using namespace sallyport::recording;

namespace {

constexpr std::uint64_t visitors = 4;
constexpr std::uint64_t frames_per_visit = 25;

// What the child tells through the pipe; written whole, since it is shorter than PIPE_BUF.
struct Ack {
    std::uint64_t visit;
    std::uint64_t sequence;  // 0: the visit is sealed
    std::array<std::byte, 32> root;
};

std::string payload_of(std::uint64_t visit, std::uint64_t sequence) {
    const auto size = sequence % 20 == 0 ? inline_size_max + 5000 : visit * sequence * 37 % 3000;
    return std::to_string(visit) + "/" + std::to_string(sequence) + std::string(size, 'k');
}

ConnectionId id_of(std::uint64_t visit) {
    return test::fresh_connection(1000 + visit);
}

RecorderSettings settings_in(const std::string& folder) {
    auto settings = test::small_settings(folder);
    settings.journal_file_bytes = 256U << 10U;
    settings.segment_bytes_max = 32U << 10U;
    return settings;
}

// Visits one after the other, each frame submitted when the one before is durable.
class Visitor {
public:
    Visitor(Recorder& recorder, int pipe, std::uint64_t first)
        : recorder_(recorder), pipe_(pipe), visit_(first) {}

    void begin() {
        recording_ = recorder_.open(test::info_of(id_of(visit_))).value();
        next();
    }

private:
    void tell(std::uint64_t sequence, const Bytes& root) const {
        Ack ack{visit_, sequence, {}};
        std::ranges::copy(root, ack.root.begin());
        if (::write(pipe_, &ack, sizeof ack) != sizeof ack) ::_exit(3);
    }

    void next() {
        ++sequence_;
        recording_->submit(
            test::frame_of(payload_of(visit_, sequence_)),
            [this](const auto& error, std::uint64_t sequence) {
                if (error || sequence != sequence_) ::_exit(2);
                tell(sequence, {});
                sequence_ < frames_per_visit ? next() : end();
            }
        );
    }

    void end() {
        recording_->seal("logout", test::at_second(60), [this](const auto& error, Bytes root) {
            if (error) ::_exit(2);
            tell(0, root);
            visit_ += visitors;
            sequence_ = 0;
            begin();
        });
    }

    Recorder& recorder_;
    int pipe_;
    std::uint64_t visit_;
    std::uint64_t sequence_ = 0;
    std::shared_ptr<Recording> recording_;
};

[[noreturn]] void run_child(const std::string& folder, int pipe, std::uint64_t first_visit) {
    PosixDisk disk;
    crypto::SystemRandom random;
    const auto keys = test::fixed_keys();
    const auto recorder = open_recorder(settings_in(folder), keys, random, disk);
    std::vector<std::unique_ptr<Visitor>> all;
    for (std::uint64_t i = 0; i < visitors; ++i) {
        all.push_back(std::make_unique<Visitor>(*recorder, pipe, first_visit + i));
        all.back()->begin();
    }
    for (;;) {
        ::pause();
    }
}

// Starts a child, takes so many acknowledgements, kills it, and takes what was still in the pipe.
std::vector<Ack> acknowledged_until_killed(
    const std::string& folder, std::uint64_t first_visit, std::uint64_t count
) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::close(ends[0]);
        run_child(folder, ends[1], first_visit);
    }
    ::close(ends[1]);
    std::vector<Ack> acks;
    for (;;) {
        Ack ack{};
        if (::read(ends[0], &ack, sizeof ack) != sizeof ack) break;
        acks.push_back(ack);
        if (acks.size() == count) ::kill(child, SIGKILL);
    }
    ::close(ends[0]);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    return acks;
}

}  // namespace

TEST_CASE("S2-26 (part): kill -9 at 30 random moments under load loses no acknowledged frame") {
    const test::TemporaryFolder folder;
    const auto root = folder.file("rec");
    const auto seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937_64 dice(seed);
    const auto keys = test::fixed_keys();
    PosixDisk disk;
    test::ReplayedRandom random;
    std::uint64_t first_visit = 1;
    std::size_t acknowledged = 0;
    std::size_t sealed = 0;

    for (int round = 0; round < 30; ++round) {
        const auto count = std::uniform_int_distribution<std::uint64_t>(1, 150)(dice);
        const auto acks = acknowledged_until_killed(root, first_visit, count);
        CHECK(acks.size() >= count);

        const auto recorder = open_recorder(settings_in(root), keys, random, disk);
        std::map<std::uint64_t, std::map<std::uint64_t, std::string>> found;
        for (const auto& ack : acks) {
            acknowledged += 1;
            first_visit = std::max(first_visit, ack.visit + 1);
            const auto id = id_of(ack.visit);
            if (ack.sequence == 0) {
                ++sealed;
                CHECK(verify_recording(disk, root, id, keys, ack.root).whole());
                continue;
            }
            auto& frames = found[ack.visit];
            if (frames.empty()) {
                std::uint64_t before = 0;
                auto reader = RecordingReader::open(disk, root, id, keys);
                REQUIRE(reader.has_value());
                for (const auto& read : test::all_of(*std::move(reader))) {
                    CHECK(read.sequence == ++before);  // nothing twice, nothing left out
                    frames.emplace(read.sequence, as_text(read.frame.payload));
                }
                CHECK(verify_recording(disk, root, id, keys, {}).whole());
            }
            CHECK(frames[ack.sequence] == payload_of(ack.visit, ack.sequence));
        }
        first_visit += visitors;
    }
    CHECK(acknowledged > 500);
    CHECK(sealed > 5);
}
