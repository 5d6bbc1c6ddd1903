#include "domain/audit/verify.h"

#include "base/core/fault.h"
#include "domain/audit/log_desk.h"
#include "domain/audit/tiles.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string>

namespace sallyport::audit {

namespace {

using samples::has;
using samples::LogDesk;
using With = LogDesk::With;

// 600 events of which all are published, and an anchor that covers them.
void fill(LogDesk& desk) {
    desk.append_many(600);
    desk.step();
    desk.step();
}

std::string kinds(const VerifyReport& report) {
    std::string text;
    for (const auto& finding : report.findings) {
        text += finding.kind + " ";
    }
    return text;
}

// SQL through a connection of our own, as with the sqlite3 shell.
void sqlite_shell(const std::string& path, const std::string& sql) {
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
    char* error = nullptr;
    const auto result = sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &error);
    CHECK_MESSAGE(result == SQLITE_OK, std::string(error == nullptr ? "" : error));
    sqlite3_free(error);
    sqlite3_close(database);
}

Bytes with_swapped_entries(const Bytes& bundle, std::size_t a, std::size_t b) {
    auto entries = parse_entries(bundle).value();
    std::swap(entries[a], entries[b]);
    Bytes swapped;
    for (const auto& entry : entries) {
        append_entry(swapped, entry);
    }
    return swapped;
}

void write(LogDesk& desk, const std::string& path, const Bytes& content) {
    const LogFile file{path, content};
    desk.log().write({&file, 1});
}

}  // namespace

TEST_CASE("a log that nobody touched verifies, and the report says what was checked") {
    test::for_each_engine([](store::Database& database) {
        LogDesk desk(database);
        fill(desk);
        desk.append(samples::sign_in());

        const auto report = desk.verify();

        CHECK_MESSAGE(report.sound(), to_text(report));
        CHECK(report.size == 601);
        CHECK(report.rows == 601);
        CHECK(report.uncovered == 1);
        CHECK(report.checkpoints == 3);
        CHECK(report.anchor_size == 600);
        CHECK(report.personal == 600 * 2 + 1);
        CHECK(report.personal_erased == 0);
        CHECK(report.origin == "test.example/audit");
        CHECK_FALSE(report.first_bad());
    });
}

TEST_CASE("whoever holds an older checkpoint verifies the log that has grown since") {
    test::SqliteFixture sqlite;
    LogDesk desk(sqlite.database());
    desk.append_many(300);
    desk.step();
    const auto older = desk.log().read("checkpoint").value();
    const auto files_of = [&] { return desk.log().names("tile/entries/001.p"); };
    // A verification that takes longer than the log takes to publish: twice, five times …
    for (int step = 0; step < 5; ++step) {
        desk.append_many(3);
        desk.step();
    }
    const auto kept = files_of();
    CHECK(std::ranges::find(kept, "44") != kept.end());
    const auto newer = desk.log().read("checkpoint").value();
    write(desk, "checkpoint", older);
    auto report = desk.verify(With::nothing);
    CHECK_MESSAGE(report.sound(), to_text(report));
    CHECK(report.size == 300);

    // Until the bundle is full: then its partial files go, and it is read in their place.
    write(desk, "checkpoint", newer);
    desk.append_many(300);
    desk.step();
    CHECK(files_of().empty());
    CHECK(desk.log().names("tile/0/001.p").empty());
    write(desk, "checkpoint", older);
    report = desk.verify(With::nothing);
    CHECK_MESSAGE(report.sound(), to_text(report));
    CHECK(report.size == 300);

    // What it is read from is held to the checkpoint like everything else.
    desk.flip("tile/entries/001", 1000);
    report = desk.verify(With::nothing);
    CHECK_FALSE(report.sound());
    desk.log().remove("tile/entries/001");
    CHECK(kinds(desk.verify(With::nothing)).contains("entries_missing"));
}

TEST_CASE("S0-79: one changed byte in the entries is found at its event") {
    test::SqliteFixture sqlite;
    LogDesk desk(sqlite.database());
    fill(desk);
    desk.flip("tile/entries/001", 1000);

    for (const auto with : {With::nothing, With::anchor, With::database, With::both}) {
        const auto report = desk.verify(with);
        CHECK_FALSE(report.sound());
        REQUIRE(report.first_bad());
        CHECK(*report.first_bad() >= 256);
        CHECK(*report.first_bad() < 260);
        CHECK(kinds(report) == "entry_changed ");
    }
}

TEST_CASE("S0-79: whichever byte of the published files is changed, verify finds it") {
    test::SqliteFixture sqlite;
    LogDesk desk(sqlite.database());
    fill(desk);
    std::vector<std::string> paths{"checkpoint"};
    for (const auto& at :
         std::filesystem::recursive_directory_iterator(desk.log_path() + "/tile")) {
        const auto path = std::filesystem::relative(at.path(), desk.log_path()).string();
        if (!at.is_regular_file()) continue;
        // Of a state before this one, kept for readers that are still at it.
        if (path.ends_with(".p/88")) continue;
        paths.push_back(path);
    }
    CHECK(paths.size() == 8);
    const bool holds = rc::check([&] {
        const auto path = *rc::gen::elementOf(paths);
        const auto size = desk.log().read(path)->size();
        const auto offset = *rc::gen::inRange<std::size_t>(0, size);
        desk.flip(path, offset);
        const auto report = desk.verify(With::nothing);
        desk.flip(path, offset);
        RC_ASSERT(!report.sound());
    });
    CHECK(holds);
    CHECK(desk.verify().sound());
}

TEST_CASE("S0-79: one changed byte in the database file is found at its event") {
    test::SqliteFixture sqlite;
    LogDesk desk(sqlite.database());
    fill(desk);
    sqlite_shell(
        sqlite.settings().path,
        "DROP TRIGGER audit_event_never_changed;"
        "UPDATE audit_event SET leaf = CAST(replace(CAST(leaf AS TEXT), 'success', 'Success') AS "
        "BLOB) WHERE leaf_index = 301"
    );

    const auto report = desk.verify();

    CHECK(kinds(report) == "row_changed ");
    CHECK(report.first_bad() == 301);
    // The files alone are as they were; with nothing but them there is nothing to find.
    CHECK(desk.verify(With::anchor).sound());
}

TEST_CASE("S0-79: a column that does not say what the leaf says is found") {
    test::for_each_engine([](store::Database& database) {
        LogDesk desk(database);
        fill(desk);
        desk.tamper("UPDATE audit_event SET outcome = 'success' WHERE leaf_index = 300");

        const auto report = desk.verify();

        CHECK(has(report, "column_changed", 300));
        CHECK(report.findings_total == 1);
        CHECK(report.findings[0].detail == "column outcome is not the leaf's");
    });
}

TEST_CASE("S0-79: text moved from one column to the next is found, whatever separates them") {
    test::for_each_engine([](store::Database& database) {
        LogDesk desk(database);
        auto event = samples::failure();
        event.object =
            "path:/a\x1F"
            "b";
        desk.append(event);
        desk.step();
        CHECK(desk.verify().sound());
        CHECK(desk.verify().rows == 1);

        // Joined with the separator between them, action and object would read the same.
        desk.tamper(
            "UPDATE audit_event SET action = action || '\x1F' || 'path:/a', object = 'b' "
            "WHERE leaf_index = 0"
        );

        const auto report = desk.verify();
        CHECK(has(report, "column_changed", 0));
        CHECK(report.findings[0].detail == "column action is not the leaf's");
    });
}

TEST_CASE("personal texts are found where ids do not ascend, as after a clock was set back") {
    test::SqliteFixture sqlite;
    LogDesk desk(sqlite.database());
    desk.append_many(300);
    desk.clock().step_wall(-std::chrono::hours(5));
    desk.append(samples::sign_in());
    desk.clock().step_wall(std::chrono::hours(5));
    desk.append_many(10);
    desk.step();
    // The second window of events begins with an id before all others.
    desk.append_many(8300);
    desk.clock().step_wall(-std::chrono::hours(24));
    desk.append(samples::sign_in());
    desk.step();

    const auto report = desk.verify();

    CHECK_MESSAGE(report.sound(), to_text(report));
    CHECK(report.personal_erased == 0);
    CHECK(report.personal == 2 * (300 + 10 + 8300 + 2) + 1);
}

TEST_CASE("S0-79: one deleted row is found at its event") {
    test::for_each_engine([](store::Database& database) {
        LogDesk desk(database);
        fill(desk);
        desk.tamper("DELETE FROM audit_event WHERE leaf_index = 123");

        const auto report = desk.verify();

        CHECK(kinds(report) == "row_missing ");
        CHECK(report.first_bad() == 123);
    });
}

TEST_CASE("S0-79: one deleted row with all later ones moved up is found at its event") {
    test::for_each_engine([](store::Database& database) {
        LogDesk desk(database);
        fill(desk);
        desk.tamper("DELETE FROM audit_event WHERE leaf_index = 123");
        desk.tamper("UPDATE audit_event SET leaf_index = -leaf_index WHERE leaf_index > 123");
        desk.tamper("UPDATE audit_event SET leaf_index = -leaf_index - 1 WHERE leaf_index < -123");

        const auto report = desk.verify();

        CHECK(kinds(report) == "row_missing tail_cut head_differs ");
        CHECK(report.first_bad() == 123);
    });
}

TEST_CASE("S0-79: a cut tail of the database is found where it begins") {
    test::for_each_engine([](store::Database& database) {
        LogDesk desk(database);
        fill(desk);
        desk.tamper("DELETE FROM audit_event WHERE leaf_index >= 590");

        const auto report = desk.verify();

        CHECK(has(report, "tail_cut", 590));
        CHECK(has(report, "head_differs", 590));
        CHECK(report.first_bad() == 590);
        CHECK_FALSE(desk.verify(With::database).sound());
    });
}

TEST_CASE("S0-79: a cut tail of the entries is found where it begins") {
    test::SqliteFixture sqlite;
    LogDesk desk(sqlite.database());
    fill(desk);
    const auto path = entries_path(2, 89);
    const auto bundle = desk.log().read(path).value();
    Bytes shorter;
    auto entries = parse_entries(bundle).value();
    entries.resize(80);
    for (const auto& entry : entries) {
        append_entry(shorter, entry);
    }
    write(desk, path, shorter);
    CHECK(desk.verify(With::nothing).first_bad() == 592);

    desk.log().remove(path);
    const auto report = desk.verify(With::nothing);
    CHECK(has(report, "entries_missing", 512));
    // The tile still has the hashes, so that the database's rows are judged all the same.
    CHECK(desk.verify(With::both).rows == 601);
}

TEST_CASE("S0-79: a swapped pair of rows is found and called so") {
    test::for_each_engine([](store::Database& database) {
        LogDesk desk(database);
        fill(desk);
        desk.tamper("UPDATE audit_event SET leaf_index = -1 WHERE leaf_index = 40");
        desk.tamper("UPDATE audit_event SET leaf_index = 40 WHERE leaf_index = 555");
        desk.tamper("UPDATE audit_event SET leaf_index = 555 WHERE leaf_index = -1");

        const auto report = desk.verify();

        CHECK(kinds(report) == "rows_swapped ");
        CHECK(report.first_bad() == 40);
        CHECK(report.findings[0].detail.find("555") != std::string::npos);
    });
}

TEST_CASE("S0-79: a swapped pair of entries is found and called so, without a database too") {
    test::SqliteFixture sqlite;
    LogDesk desk(sqlite.database());
    fill(desk);
    const auto path = entries_path(1, 256);
    write(desk, path, with_swapped_entries(desk.log().read(path).value(), 10, 20));

    const auto report = desk.verify(With::nothing);

    CHECK(kinds(report) == "entries_swapped ");
    CHECK(report.first_bad() == 256 + 10);
}

TEST_CASE("S0-79: an entry taken out of its bundle is found where it was") {
    test::SqliteFixture sqlite;
    LogDesk desk(sqlite.database());
    fill(desk);
    const auto path = entries_path(0, 256);
    const auto bundle = desk.log().read(path).value();
    auto entries = parse_entries(bundle).value();
    entries.erase(entries.begin() + 77);
    Bytes without;
    for (const auto& entry : entries) {
        append_entry(without, entry);
    }
    write(desk, path, without);

    const auto report = desk.verify(With::nothing);

    CHECK(kinds(report) == "entry_missing ");
    CHECK(report.first_bad() == 77);
}

TEST_CASE("S0-79: entries and tiles changed together break the signed root") {
    test::SqliteFixture sqlite;
    LogDesk desk(sqlite.database());
    fill(desk);
    // A whole log of our own making, under the checkpoint that was signed for the other.
    const auto note = desk.log().read("checkpoint").value();
    TileWriter writer;
    for (std::uint64_t number = 0; number < 3; ++number) {
        const auto bundle = desk.log().read(entries_path(number, width_of(0, number, 601))).value();
        for (auto entry : parse_entries(bundle).value()) {
            const bool victim = writer.tree().size() == 100;
            writer.append(victim ? as_bytes("{}") : entry);
        }
    }
    desk.log().write(writer.take_files());

    const auto report = desk.verify(With::nothing);

    CHECK(has(report, "root_mismatch", 0));
    CHECK(has(desk.verify(With::anchor), "anchor_differs", 0));
    CHECK(has(desk.verify(With::both), "row_changed", 100));
    CHECK(desk.log().read("checkpoint") == note);
}

TEST_CASE(
    "S0-79: database and checkpoints put back together: found with the anchor, and said plainly "
    "without"
) {
    test::SqliteFixture sqlite;
    LogDesk desk(sqlite.database());
    fill(desk);
    // What was backed up early, restored over everything but the anchors.
    test::SqliteFixture older;
    LogDesk late(older.database());
    late.append_many(200);
    late.step();
    late.copy(desk.anchor_path(), late.anchor_path());

    const auto found = late.verify(With::both);
    CHECK_FALSE(found.sound());
    CHECK(has(found, "rolled_back", 200));
    CHECK(found.first_bad() == 200);

    const auto blind = late.verify(With::database);
    CHECK(blind.sound());
    const auto remarks = blind.remarks();
    CHECK(std::ranges::any_of(remarks, [](const std::string& remark) {
        return remark.find("put back together to an earlier state can't be excluded") !=
               std::string::npos;
    }));
}

TEST_CASE("S0-79: one anchor's text alone, from a letter or a printout, finds the rollback too") {
    test::SqliteFixture sqlite;
    LogDesk desk(sqlite.database());
    fill(desk);
    const auto letter = desk.anchors().read("checkpoint").value();
    test::SqliteFixture older;
    LogDesk late(older.database());
    late.append_many(200);
    late.step();

    VerifyInputs inputs;
    inputs.log = &late.log();
    inputs.anchor_notes = {std::string(as_text(letter))};
    inputs.trusted = samples::signer().key;
    CHECK(has(verify(inputs), "rolled_back", 200));
}

TEST_CASE("S0-79: a history rewritten with the stolen log key is found by the anchor") {
    test::SqliteFixture sqlite;
    LogDesk desk(sqlite.database());
    fill(desk);
    test::SqliteFixture other;
    LogDesk rewritten(other.database());
    rewritten.append_many(3);
    rewritten.append(samples::failure("a different past"));
    rewritten.append_many(700);
    rewritten.step();
    CHECK(rewritten.verify().sound());
    rewritten.copy(desk.anchor_path(), rewritten.anchor_path());

    const auto report = rewritten.verify();

    CHECK(has(report, "anchor_differs", 0));
}

TEST_CASE(
    "erased personal text is counted, changed text is found, and so is text gone without an event"
) {
    test::for_each_engine([](store::Database& database) {
        LogDesk desk(database);
        fill(desk);
        const PersonalScope scope{samples::engineer().who.account, desk.clock().now()};
        const auto count = database.write([&](store::Tx& tx) {
            return erase_personal(tx, desk.now(), system_actor("retention"), scope);
        });
        const auto erased = desk.verify();
        CHECK(erased.sound());
        CHECK(erased.personal_erased == static_cast<std::uint64_t>(count));

        desk.tamper(
            "UPDATE audit_personal SET content = 'somebody else' WHERE event_id = "
            "(SELECT event_id FROM audit_event WHERE leaf_index = 3) AND "
            "name = 'fields.identifier'"
        );
        CHECK(has(desk.verify(), "personal_changed", 3));

        desk.tamper(
            "INSERT INTO audit_personal (event_id, name, salt, content) SELECT event_id, "
            "'who.account_name', salt, 'somebody' FROM audit_personal WHERE event_id = "
            "(SELECT event_id FROM audit_event WHERE leaf_index = 6) AND "
            "name = 'fields.identifier'"
        );
        CHECK(has(desk.verify(), "personal_added", 6));

        desk.tamper(
            "DELETE FROM audit_personal WHERE event_id = "
            "(SELECT event_id FROM audit_event WHERE leaf_index = 9)"
        );
        CHECK(has(desk.verify(), "personal_missing", std::nullopt));
    });
}

TEST_CASE("rows that are numbered but not published yet are held to the head") {
    test::SqliteFixture sqlite;
    LogDesk desk(sqlite.database());
    fill(desk);
    desk.append_many(10);
    const auto epoch = desk.database().read([](store::Tx& tx) { return read_head(tx)->epoch; });
    desk.database().write([&](store::Tx& tx) {
        CHECK(number_rows(tx, epoch, 5)->tree.size() == 606);
    });
    auto report = desk.verify();
    CHECK(report.sound());
    CHECK(report.uncovered == 10);

    desk.tamper(
        "UPDATE audit_event SET leaf = (SELECT o.leaf FROM audit_event o WHERE o.leaf_index = 7) "
        "WHERE leaf_index = 603"
    );
    report = desk.verify();
    CHECK(has(report, "head_differs", 601));
    desk.tamper(
        "UPDATE audit_event SET leaf_index = -4 WHERE leaf_index IS NULL AND seq = "
        "(SELECT MAX(seq) FROM audit_event)"
    );
    CHECK(has(desk.verify(), "row_misnumbered", std::nullopt));
}

TEST_CASE("a log whose key or checkpoint is gone or another's says so") {
    test::SqliteFixture sqlite;
    LogDesk desk(sqlite.database());
    fill(desk);
    VerifyInputs inputs;
    inputs.log = &desk.log();
    CHECK(verify(inputs).sound());
    CHECK(verify(inputs).remarks().size() == 3);

    inputs.trusted = samples::signer(2).key;
    CHECK(kinds(verify(inputs)) == "checkpoint_forged ");

    inputs.trusted.reset();
    desk.log().remove("checkpoint");
    CHECK(kinds(verify(inputs)) == "checkpoint_missing ");
    desk.log().remove("vkey");
    CHECK(kinds(verify(inputs)) == "key_missing ");
}

TEST_CASE("a log that is wrong everywhere is told in bounded length, lowest events first") {
    test::SqliteFixture sqlite;
    LogDesk desk(sqlite.database());
    fill(desk);
    desk.tamper("UPDATE audit_event SET role = 'nobody'");

    const auto report = desk.verify();

    CHECK(report.findings.size() == Findings::kept_max);
    CHECK(report.findings_total == 601);
    CHECK(report.first_bad() == 0);
    CHECK(report.findings.back().index == 99);
    const auto text = to_text(report);
    CHECK(text.find("DOES NOT VERIFY") != std::string::npos);
    CHECK(text.find("and 501 more findings") != std::string::npos);
}

TEST_CASE("the report as JSON has every number that the text has") {
    VerifyReport report;
    report.origin = "a \"log\"";
    report.size = 7;
    report.findings = {{"row_changed", 3, "x"}, {"key_missing", std::nullopt, "y"}};
    report.findings_total = 2;
    report.anchor_size = 5;
    report.key_was_given = true;
    report.with_database = true;
    report.rows = 6;
    report.uncovered = 2;

    CHECK(
        to_json(report) ==
        R"({"sound":false,"origin":"a \"log\"","size":7,"root":"","first_bad":3,)"
        R"("findings_total":2,"findings":[{"kind":"row_changed","index":3,"detail":"x"},)"
        R"({"kind":"key_missing","index":null,"detail":"y"}],"checkpoints":0,"anchor_size":5,)"
        R"("key_was_given":true,"with_database":true,"rows":6,"uncovered":2,"personal":0,)"
        R"("personal_erased":0,"remarks":["The anchor covers the first 5 events: that later ones )"
        R"(were put back can't be excluded.","2 events in the database are not under a )"
        R"(checkpoint yet."]})"
    );
}

}  // namespace sallyport::audit
