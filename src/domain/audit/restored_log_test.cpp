#include "domain/audit/restored_log.h"

#include "domain/audit/log_desk.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace sallyport::audit {

namespace {

using samples::LogDesk;

// `count` events, numbered and published, the first `same` of them those of every other desk.
struct House {
    House(std::size_t count, std::size_t same) : desk(sqlite.database()) {
        desk.append_many(std::min(count, same));
        if (count > same) {
            desk.append(samples::failure("another past"));
            desk.append_many(count - same - 1);
        }
        desk.step();
    }

    test::SqliteFixture sqlite;
    LogDesk desk;
};

std::vector<PublishedCheckpoint> checkpoints_of(LogDesk& desk) {
    const auto chain = KeyChain::read(desk.log(), samples::signer().key).value();
    auto all = published_checkpoints(desk.log(), "log", chain).value();
    for (auto& more : published_checkpoints(desk.anchors(), "anchors", chain).value()) {
        all.push_back(std::move(more));
    }
    return all;
}

std::uint64_t published_size(LogDesk& desk) {
    const auto note = desk.log().read("checkpoint").value();
    const auto chain = KeyChain::read(desk.log(), samples::signer().key).value();
    return chain.open(as_text(note)).value().size;
}

Result<RestoredLog> held_against(House& restored, LogDesk& published) {
    return check_restored_log(
        restored.sqlite.database(),
        checkpoints_of(published),
        published.log(),
        published_size(published)
    );
}

std::string reason_of(const Result<RestoredLog>& result) {
    return result ? "ok" : std::string(result.error().reason);
}

}  // namespace

TEST_CASE("a database that is the published log, or goes on behind it, is that log") {
    House published(300, 1000);
    House same(300, 1000);
    House longer(700, 1000);
    const auto equal = held_against(same, published.desk);
    REQUIRE(reason_of(equal) == "ok");
    CHECK(equal->size == 300);
    CHECK(equal->known == 300);
    CHECK(equal->unproven.empty());
    const auto beyond = held_against(longer, published.desk);
    REQUIRE(reason_of(beyond) == "ok");
    CHECK(beyond->size == 700);
    CHECK(beyond->known == 300);
}

TEST_CASE("S0-79: a fork of the same length is found, and a longer one") {
    House published(300, 1000);
    for (const std::size_t count : {std::size_t{300}, std::size_t{301}, std::size_t{900}}) {
        House fork(count, 299);
        const auto held = held_against(fork, published.desk);
        REQUIRE(reason_of(held) == "restored_log.fork");
        CHECK(held.error().detail.contains("is signed over 300 events"));
    }
    // The events that were added since belong to nobody else: no fork.
    House later(900, 300);
    CHECK(reason_of(held_against(later, published.desk)) == "ok");
}

TEST_CASE("an older backup is shown to be the log's beginning, and an older fork is found") {
    House published(700, 1000);
    House older(300, 1000);
    const auto held = held_against(older, published.desk);
    REQUIRE(reason_of(held) == "ok");
    CHECK(held->size == 300);
    CHECK(held->known == 700);
    CHECK(held->unproven.empty());
    House fork(300, 10);
    CHECK(reason_of(held_against(fork, published.desk)) == "restored_log.fork");
    House empty(0, 1000);
    CHECK(reason_of(held_against(empty, published.desk)) == "ok");
}

TEST_CASE("an anchor that the log has outgrown is linked by the tiles of what it is now") {
    House published(0, 1000);
    std::vector<PublishedCheckpoint> anchors;
    for (int i = 0; i < 4; ++i) {
        published.desk.append_many(170);
        published.desk.step();
        anchors.push_back(checkpoints_of(published.desk).front());
    }
    CHECK(anchors[0].checkpoint.size < anchors[1].checkpoint.size);
    CHECK(anchors[1].checkpoint.size < 512);
    const auto held = [&](House& restored) {
        return check_restored_log(
            restored.sqlite.database(),
            anchors,
            published.desk.log(),
            published_size(published.desk)
        );
    };
    House older(100, 1000);
    const auto beginning = held(older);
    REQUIRE(reason_of(beginning) == "ok");
    CHECK(beginning->known == anchors.back().checkpoint.size);
    CHECK(beginning->unproven.empty());
    House fork(100, 99);
    CHECK(reason_of(held(fork)) == "restored_log.fork");
}

TEST_CASE("without the published tiles nothing is claimed about an older backup") {
    House published(700, 1000);
    House older(300, 1000);
    const auto known = checkpoints_of(published.desk);
    REQUIRE_FALSE(known.empty());
    // The hash of the second bundle, which every link over it needs.
    published.desk.flip("tile/0/001", 3);
    const auto changed =
        check_restored_log(older.sqlite.database(), known, published.desk.log(), 700);
    REQUIRE(reason_of(changed) == "ok");
    CHECK(changed->unproven.size() == known.size());
    const test::TemporaryFolder nothing;
    const auto gone = check_restored_log(
        older.sqlite.database(), known, *view_log_folder(nothing.path().string()), 0
    );
    REQUIRE(reason_of(gone) == "ok");
    CHECK(gone->unproven.size() == known.size());
}

TEST_CASE("rows that are not what the database's own head says are no log") {
    House published(300, 1000);
    House changed(300, 1000);
    changed.desk.tamper("UPDATE audit_event SET leaf = CAST('{}' AS BLOB) WHERE leaf_index = 200");
    CHECK(
        reason_of(check_restored_log(changed.sqlite.database(), {}, published.desk.log(), 300)) ==
        "restored_log.broken"
    );
    House gap(300, 1000);
    gap.desk.tamper("DELETE FROM audit_event WHERE leaf_index = 7");
    const auto held = held_against(gap, published.desk);
    CHECK(reason_of(held) == "restored_log.broken");
    CHECK(held.error().detail == "there is no event 7");
}

TEST_CASE("a checkpoint that the log's key did not sign is named") {
    House published(300, 1000);
    const auto chain = KeyChain::read(published.desk.log(), samples::signer().key).value();
    published.desk.flip("checkpoint", 30);
    const auto found = published_checkpoints(published.desk.log(), "/srv/log", chain);
    REQUIRE_FALSE(found);
    CHECK(found.error().reason == "checkpoint.forged");
    CHECK(found.error().detail == "/srv/log/checkpoint");
}

}  // namespace sallyport::audit
