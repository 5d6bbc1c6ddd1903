#include "domain/audit/sequencer.h"

#include "base/core/fault.h"
#include "domain/audit/log_desk.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sallyport::audit {

namespace {

using samples::LogDesk;

Checkpoint published(LogDesk& desk) {
    const auto note = desk.log().read("checkpoint");
    REQUIRE(note);
    const auto key = samples::signer().key;
    return open_checkpoint(as_text(*note), {&key, 1}).value();
}

std::uint64_t chain_broken_events(LogDesk& desk) {
    Filter filter;
    filter.type_prefix = "audit.chain_broken";
    return desk.database().read([&](store::Tx& tx) { return list(tx, filter); }).size();
}

// Fails at the n-th operation that changes the disk, and at all after it, as a disk does.
class FailingFiles final : public LogFiles {
public:
    FailingFiles(LogFiles& disk, int good) : disk_(disk), good_(good) {}

    void write(std::span<const LogFile> files) override {
        for (const auto& file : files) {
            if (good_-- <= 0) throw Fault("the disk is full");
            disk_.write({&file, 1});
        }
    }

    [[nodiscard]] std::optional<Bytes> read(const std::string& path) const override {
        return disk_.read(path);
    }

    [[nodiscard]] std::vector<std::string> names(const std::string& folder) const override {
        return disk_.names(folder);
    }

    void remove(const std::string& path) override {
        if (good_-- <= 0) throw Fault("the disk is full");
        disk_.remove(path);
    }

private:
    LogFiles& disk_;
    int good_;
};

}  // namespace

TEST_CASE("committed events are numbered in the order of their insertion and published signed") {
    test::for_each_engine([](store::Database& database) {
        LogDesk desk(database);
        CHECK(published(desk).size == 0);
        const auto first = desk.append(samples::sign_in());
        const auto second = desk.append(samples::failure());

        const auto status = desk.step();

        CHECK(status.state == LogState::healthy);
        CHECK(status.size == 2);
        CHECK(status.published == 2);
        const auto entry = [&](const EventId& id) {
            return database.read([&](store::Tx& tx) { return find(tx, id); }).value();
        };
        CHECK(entry(first).leaf_index == 0);
        CHECK(entry(second).leaf_index == 1);
        const auto bundle = desk.log().read("tile/entries/000.p/2").value();
        const auto entries = parse_entries(bundle).value();
        CHECK(as_text(entries[1]) == entry(second).leaf_json);
        CHECK(published(desk).size == 2);
        CHECK(as_text(*desk.log().read("vkey")) == samples::signer().key.text() + "\n");
    });
}

TEST_CASE("many events go through in bounded batches, and a restart changes nothing") {
    test::for_each_engine([](store::Database& database) {
        LogDesk desk(database);
        desk.settings().batch_max = 100;
        desk.restart();
        desk.append_many(700);
        CHECK(desk.step().published == 700);
        const auto before = published(desk);

        CHECK(desk.restart().state == LogState::healthy);

        CHECK(published(desk).root != before.root);  // the anchor event of the step above
        CHECK(published(desk).size == 701);
        CHECK(desk.verify().sound());
        // Partial files of earlier sizes are gone, those of full tiles too.
        CHECK(desk.log().names("tile/0/000.p").empty());
        CHECK(desk.log().names("tile/0/002.p").size() <= 2);
    });
}

TEST_CASE("a sequencer that was overtaken numbers nothing any more") {
    test::for_each_engine([](store::Database& database) {
        LogDesk desk(database);
        Sequencer other(samples::signer(), desk.log(), nullptr, {});
        CHECK(other.start(database, desk.now()).state == LogState::healthy);
        desk.append(samples::sign_in());

        CHECK(desk.step().state == LogState::superseded);
        CHECK(desk.step().reason == "audit.superseded");
        CHECK(other.step(database, desk.now()).published == 1);
        CHECK(desk.verify().sound());
    });
}

TEST_CASE("wherever the disk fails, the next start catches up and the log verifies") {
    test::SqliteFixture sqlite;
    LogDesk desk(sqlite.database());
    for (int good = 0; good < 24; ++good) {
        CAPTURE(good);
        desk.append_many(60);
        FailingFiles failing(desk.log(), good);
        Sequencer dying(samples::signer(), failing, nullptr, {});
        try {
            dying.start(sqlite.database(), desk.now());
            dying.step(sqlite.database(), desk.now());
        } catch (const Fault&) {
            // What the process does next is to end.
        }

        const auto status = desk.restart();

        CHECK(status.state == LogState::healthy);
        CHECK(status.published >= 60U * static_cast<unsigned>(good + 1));
        const auto report = desk.verify();
        CHECK_MESSAGE(report.sound(), to_text(report));
    }
}

TEST_CASE("a failed step goes on from what is durable at the next one") {
    test::SqliteFixture sqlite;
    LogDesk desk(sqlite.database());
    desk.append_many(300);
    FailingFiles failing(desk.log(), 3);
    Sequencer sequencer(samples::signer(), failing, nullptr, {});
    CHECK_THROWS_AS(sequencer.start(sqlite.database(), desk.now()), Fault);
    CHECK(desk.restart().published == 300);
    CHECK(desk.verify().sound());
}

TEST_CASE("every minute in which something happened the checkpoint is anchored") {
    test::for_each_engine([](store::Database& database) {
        LogDesk desk(database);
        desk.append(samples::sign_in());
        desk.step();
        CHECK(desk.anchors().names("") == std::vector<std::string>{"1.checkpoint", "checkpoint"});
        CHECK(desk.anchors().read("1.checkpoint") == desk.anchors().read("checkpoint"));

        desk.append(samples::sign_in());
        desk.step_after(std::chrono::seconds(59));
        CHECK(desk.anchors().names("").size() == 2);
        desk.step_after(std::chrono::seconds(1));
        CHECK(desk.anchors().names("").size() == 3);

        Filter filter;
        filter.type_prefix = "audit.anchor";
        const auto told = database.read([&](store::Tx& tx) { return list(tx, filter); });
        CHECK(told.size() == 2);
        CHECK(told.front().system == "sequencer");
    });
}

TEST_CASE("S0-79: a quiet log is anchored once an hour, not for its own anchor events") {
    test::SqliteFixture sqlite;
    LogDesk desk(sqlite.database());
    desk.append(samples::sign_in());
    desk.step();
    for (int minute = 0; minute < 59; ++minute) {
        desk.step_after(std::chrono::minutes(1));
    }
    CHECK(desk.anchors().names("").size() == 2);
    desk.step_after(std::chrono::minutes(1));
    CHECK(desk.anchors().names("").size() == 3);
}

TEST_CASE("an anchor folder that fails is an alarm, told once, and the log goes on") {
    test::SqliteFixture sqlite;
    LogDesk desk(sqlite.database());
    FailingFiles gone(desk.anchors(), 0);
    Sequencer sequencer(samples::signer(), desk.log(), &gone, {});
    sequencer.start(sqlite.database(), desk.now());
    for (int minute = 0; minute < 3; ++minute) {
        desk.append(samples::sign_in());
        desk.clock().advance(std::chrono::minutes(1));
        const auto status = sequencer.step(sqlite.database(), desk.now());
        CHECK(status.state == LogState::healthy);
        CHECK(status.anchor_fault == "the disk is full");
        CHECK(status.published > 0);
    }
    Filter filter;
    filter.type_prefix = "audit.anchor";
    const auto told = sqlite.database().read([&](store::Tx& tx) { return list(tx, filter); });
    REQUIRE(told.size() == 1);
    CHECK(told[0].outcome == "failed");
}

TEST_CASE("S0-79: an anchor folder that was emptied is on record at the next start") {
    test::for_each_engine([](store::Database& database) {
        LogDesk desk(database);
        Filter filter;
        filter.type_prefix = "audit.anchor";
        const auto losses = [&] {
            const auto told = database.read([&](store::Tx& tx) { return list(tx, filter); });
            return std::ranges::count(told, "audit.anchor_missing", &Entry::reason);
        };
        desk.append(samples::sign_in());
        desk.step();  // the first anchor, which no start before it can miss
        desk.restart();
        CHECK(losses() == 0);

        desk.anchors().remove("checkpoint");
        const auto status = desk.restart();

        CHECK(status.state == LogState::healthy);
        CHECK(losses() == 1);
        CHECK(desk.anchors().read("checkpoint"));  // written again
    });
}

TEST_CASE("S0-79: a database that is behind its published log makes the start read-only") {
    test::SqliteFixture sqlite;
    LogDesk desk(sqlite.database());
    desk.append_many(10);
    desk.step();
    // The same log's files beside an older copy of the database.
    test::SqliteFixture older;
    LogDesk late(older.database());
    late.append_many(3);
    late.step();
    late.copy(desk.log_path(), late.log_path());

    const auto status = late.restart();

    CHECK(status.state == LogState::read_only);
    CHECK(status.reason == "audit.database_behind");
    CHECK(chain_broken_events(late) == 1);
    late.append(samples::sign_in());
    CHECK(late.step().state == LogState::read_only);
    CHECK(late.step().size == 3);
}

TEST_CASE("S0-79: database and log put back together are found at the start by the anchor") {
    test::SqliteFixture sqlite;
    LogDesk desk(sqlite.database());
    desk.append_many(10);
    desk.step();
    test::SqliteFixture older;
    LogDesk late(older.database());
    late.append_many(3);
    late.step();
    CHECK(late.restart().state == LogState::healthy);
    late.copy(desk.anchor_path(), late.anchor_path());

    const auto status = late.restart();

    CHECK(status.state == LogState::read_only);
    CHECK(status.reason == "audit.database_behind");
}

TEST_CASE("S0-79: each disagreement at the start has its name") {
    struct Wrong {
        std::string reason;
        std::function<void(LogDesk&)> make;
    };

    const std::vector<Wrong> wrongs{
        {"audit.checkpoint_forged", [](LogDesk& desk) { desk.flip("checkpoint", 20); }},
        {"audit.checkpoint_forged", [](LogDesk& desk) { desk.use_key(2); }},
        {"audit.files_incomplete", [](LogDesk& desk) { desk.log().remove("tile/0/001.p/44"); }},
        {"audit.files_differ", [](LogDesk& desk) { desk.flip("tile/0/001.p/44", 5); }},
        {"audit.head_differs",
         [](LogDesk& desk) { desk.tamper("DELETE FROM audit_event WHERE leaf_index = 299"); }},
        {"audit.database_differs",
         [](LogDesk& desk) {
             desk.tamper(
                 "UPDATE audit_event SET leaf = (SELECT o.leaf FROM audit_event o WHERE "
                 "o.leaf_index = 7) WHERE leaf_index = 299"
             );
         }},
        {"audit.anchor_differs",
         [](LogDesk& desk) {
             const auto note = sign_checkpoint(
                 {"test.example/audit", 200, Hash{}}, samples::signer().key, samples::key_from(1)
             );
             const auto bytes = as_bytes(note);
             const LogFile file{"checkpoint", Bytes(bytes.begin(), bytes.end())};
             desk.anchors().write({&file, 1});
         }},
        {"audit.anchor_differs",
         [](LogDesk& desk) {
             const auto bytes = as_bytes("garbage");
             const LogFile file{"checkpoint", Bytes(bytes.begin(), bytes.end())};
             desk.anchors().write({&file, 1});
         }},
    };
    for (const auto& wrong : wrongs) {
        CAPTURE(wrong.reason);
        test::SqliteFixture sqlite;
        LogDesk desk(sqlite.database());
        desk.append_many(300);
        desk.step();  // publishes 300 and adds the anchor's event
        wrong.make(desk);

        const auto status = desk.restart();

        CHECK(status.state == LogState::read_only);
        CHECK(status.reason == wrong.reason);
        CHECK(chain_broken_events(desk) == 1);
    }
}

TEST_CASE(
    "published files that are gone are written again from the database, up to the anchor's word"
) {
    test::SqliteFixture sqlite;
    LogDesk desk(sqlite.database());
    desk.append_many(300);
    desk.step();
    std::filesystem::remove_all(desk.log_path());

    CHECK(desk.restart_with(open_log_folder(desk.log_path())).state == LogState::healthy);
    CHECK(desk.verify().sound());

    desk.tamper(
        "UPDATE audit_event SET leaf = (SELECT o.leaf FROM audit_event o WHERE "
        "o.leaf_index = 7) WHERE leaf_index = 11"
    );
    std::filesystem::remove_all(desk.log_path());
    const auto status = desk.restart_with(open_log_folder(desk.log_path()));
    CHECK(status.state == LogState::read_only);
}

TEST_CASE("a new key is signed by the old one, and both parts of the log verify") {
    test::SqliteFixture sqlite;
    LogDesk desk(sqlite.database());
    desk.append_many(5);
    desk.step();
    desk.step_after(std::chrono::minutes(2));
    const auto size = desk.sequencer().status().published;

    rotate_log_key(desk.log(), samples::signer(1), samples::signer(2), size);
    desk.use_key(2);
    CHECK(desk.restart().state == LogState::healthy);
    desk.append_many(5);
    CHECK(desk.step_after(std::chrono::minutes(2)).published > size);

    CHECK(desk.verify().sound());  // trusting the first key
    CHECK(KeyChain::read(desk.log(), samples::signer(2).key)->size() == 2);
    CHECK(
        KeyChain::read(desk.log(), samples::signer(3).key).error().reason == "key_chain.not_trusted"
    );

    // The old key alone does not make a checkpoint after the change, and signs none by mistake.
    desk.use_key(1);
    CHECK(desk.restart().reason == "audit.key_retired");
    desk.use_key(2);
    CHECK(desk.restart().state == LogState::healthy);
    const auto latest = KeyChain::read(desk.log(), samples::signer(1).key)
                            ->open(as_text(desk.log().read("checkpoint").value()))
                            .value();
    const auto forged = sign_checkpoint(latest, samples::signer(1).key, samples::key_from(1));
    CHECK_FALSE(KeyChain::read(desk.log(), samples::signer(1).key)->open(forged));

    desk.flip("rotations/0001", 60);
    CHECK(KeyChain::read(desk.log(), samples::signer(1).key).error().reason == "key_chain.broken");
    CHECK(desk.restart().reason == "audit.key_chain");
    CHECK_THROWS_AS(
        rotate_log_key(desk.log(), samples::signer(1), samples::signer(3), size), Fault
    );
}

}  // namespace sallyport::audit
