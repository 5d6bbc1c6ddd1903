// What is particular to PostgreSQL: a wire that can be cut, and a server that asks for another run.
#include "tests/support/databases.h"

#include "base/store/database.h"
#include "base/store/faults.h"
#include "base/store/postgres/connection.h"
#include "base/store/postgres/conninfo.h"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <string_view>
#include <thread>

namespace sallyport::store {

namespace {

bool without_cluster() {
    if (!test::postgres_socket_folder().empty()) return false;
    MESSAGE("left out: SALLYPORT_TEST_PG_SOCKET_DIR is not set");
    return true;
}

void make_table(Database& database) {
    test::write_as_owner(database, [](Tx& tx) { tx.execute("CREATE TABLE row (id BIGINT)"); });
}

void put(Tx& tx, std::int64_t id) {
    tx.execute("INSERT INTO row (id) VALUES (?)", {id});
}

std::int64_t count_rows(Database& database) {
    return database.read([](Tx& tx) {
        return tx.query("SELECT count(*) FROM row").front().integer(0);
    });
}

enum class Cut : std::uint8_t {
    nothing,
    before_commit,  // the COMMIT never reaches the server
    after_commit,   // it does, and its answer does not come back
};

sockaddr_un socket_address(const std::string& folder) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto path = folder + "/.s.PGSQL.5432";
    REQUIRE(path.size() < sizeof address.sun_path);
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return address;
}

// A wire to the server that is cut at a COMMIT. One connection at a time.
class CuttingWire {
public:
    // Listens in `folder`.
    CuttingWire(std::string folder, std::string server_folder)
        : folder_(std::move(folder)), server_(std::move(server_folder)) {
        listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const auto address = socket_address(folder_);
        REQUIRE(
            ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0
        );
        REQUIRE(::listen(listener_, 8) == 0);
        thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
    }

    ~CuttingWire() {
        thread_.request_stop();
        thread_.join();
        ::close(listener_);
        ::unlink(socket_address(folder_).sun_path);
    }

    CuttingWire(const CuttingWire&) = delete;
    CuttingWire& operator=(const CuttingWire&) = delete;

    void cut_next(Cut cut) { cut_ = cut; }

private:
    void serve(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            if (!readable(listener_)) continue;
            const int client = ::accept(listener_, nullptr, nullptr);
            const int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
            const auto address = socket_address(server_);
            if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
                0) {
                relay(client, server, stop);
            }
            ::close(client);
            ::close(server);
        }
    }

    void relay(int client, int server, const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            if (readable(client)) {
                const auto bytes = receive(client);
                if (bytes.empty()) return;
                // A simple query is one small message, sent whole.
                const bool commits = bytes.find("COMMIT") != std::string::npos;
                const auto cut = commits ? cut_.exchange(Cut::nothing) : Cut::nothing;
                if (cut == Cut::before_commit) return;
                send_all(server, bytes);
                if (cut == Cut::after_commit) {
                    (void)receive(server);
                    return;
                }
            }
            if (readable(server)) {
                const auto bytes = receive(server);
                if (bytes.empty()) return;
                send_all(client, bytes);
            }
        }
    }

    static bool readable(int socket) {
        pollfd waiting{.fd = socket, .events = POLLIN, .revents = 0};
        return ::poll(&waiting, 1, 1) > 0;
    }

    static std::string receive(int socket) {
        std::array<char, 65536> buffer{};
        const auto size = ::recv(socket, buffer.data(), buffer.size(), 0);
        return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : "";
    }

    static void send_all(int socket, std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    std::string folder_;
    std::string server_;
    int listener_ = -1;
    std::atomic<Cut> cut_ = Cut::nothing;
    std::jthread thread_;
};

std::string with_host(const std::string& conninfo, const std::string& folder) {
    const auto end = conninfo.find(' ');
    return "host=" + folder + conninfo.substr(end);
}

// On a connection of its own, so that a work may call it too.
void run_as_owner(const PostgresSettings& settings, const std::string& sql) {
    postgres::Connection connection(postgres::connection_settings(settings.owner_conninfo));
    connection.connect();
    connection.control(sql);
}

std::string fault_of(const std::function<void()>& run) {
    try {
        run();
    } catch (const Fault& fault) {
        return fault.what();
    }
    return "";
}

}  // namespace

TEST_CASE("work whose connection is ended before its commit is run again") {
    if (without_cluster()) return;
    test::PostgresFixture fixture;
    make_table(fixture.database());
    auto settings = fixture.settings();
    settings.connections = 1;
    const auto database = open_postgres(settings);
    int runs = 0;

    database->write([&](Tx& tx) {
        ++runs;
        put(tx, runs);
        const auto backend = tx.query("SELECT CAST(pg_backend_pid() AS BIGINT)").front().integer(0);
        if (runs == 1) {
            run_as_owner(settings, "SELECT pg_terminate_backend(" + std::to_string(backend) + ")");
        }
        put(tx, std::int64_t{10} * runs);
    });

    CHECK(runs == 2);
    const auto ids =
        database->read([](Tx& tx) { return tx.query("SELECT id FROM row ORDER BY id"); });
    REQUIRE(ids.size() == 2);
    CHECK(ids[0].integer(0) == 2);
    CHECK(ids[1].integer(0) == 20);
}

TEST_CASE("idle connections that the server ended are made anew") {
    if (without_cluster()) return;
    test::PostgresFixture fixture;
    make_table(fixture.database());
    fixture.database().write([](Tx& tx) { put(tx, 1); });

    run_as_owner(
        fixture.settings(),
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE usename = 'sallyport_server' AND datname = current_database()"
    );

    fixture.database().write([](Tx& tx) { put(tx, 2); });
    CHECK(count_rows(fixture.database()) == 2);
}

TEST_CASE("a COMMIT whose outcome nobody knows is a fault, and is not run again") {
    if (without_cluster()) return;
    test::PostgresFixture fixture;
    make_table(fixture.database());
    const test::TemporaryFolder folder;
    CuttingWire wire(folder.path(), test::postgres_socket_folder());
    const auto database = open_postgres(
        {.conninfo = with_host(fixture.settings().conninfo, folder.path()), .connections = 1}
    );
    int runs = 0;
    const auto write = [&] {
        database->write([&](Tx& tx) {
            ++runs;
            put(tx, runs);
        });
    };

    wire.cut_next(Cut::before_commit);
    CHECK(fault_of(write).find("nobody knows whether it was done") != std::string::npos);
    CHECK(count_rows(fixture.database()) == 0);

    wire.cut_next(Cut::after_commit);
    CHECK(fault_of(write).find("nobody knows whether it was done") != std::string::npos);
    CHECK(count_rows(fixture.database()) == 1);

    CHECK(runs == 2);
    write();
    CHECK(count_rows(fixture.database()) == 2);
}

TEST_CASE("while the server is away, work is turned away; when it is back, work goes on") {
    if (without_cluster()) return;
    test::PostgresFixture fixture;
    make_table(fixture.database());
    const test::TemporaryFolder folder;
    auto wire = std::make_unique<CuttingWire>(folder.path(), test::postgres_socket_folder());
    const auto database = open_postgres(
        {.conninfo = with_host(fixture.settings().conninfo, folder.path()),
         .connections = 1,
         .away_milliseconds = 30}
    );
    database->write([](Tx& tx) { put(tx, 1); });

    wire.reset();
    CHECK_THROWS_WITH_AS(
        database->write([](Tx& tx) { put(tx, 2); }),
        doctest::Contains("can't be reached"),
        Overloaded
    );
    CHECK(database->healthy());
    CHECK(count_rows(fixture.database()) == 1);

    wire = std::make_unique<CuttingWire>(folder.path(), test::postgres_socket_folder());
    database->write([](Tx& tx) { put(tx, 3); });
    CHECK(count_rows(fixture.database()) == 2);
}

TEST_CASE("a server that is not there refuses the start and says why") {
    const test::TemporaryFolder folder;
    CHECK_THROWS_WITH_AS(
        (void)open_postgres({.conninfo = "host=" + folder.path().string() + " dbname=x"}),
        doctest::Contains("PostgreSQL can't be reached"),
        Fault
    );
}

TEST_CASE("a transaction that never gets through ends as an overload") {
    if (without_cluster()) return;
    test::PostgresFixture fixture;
    int runs = 0;

    CHECK_THROWS_AS(
        fixture.database().write([&](Tx& tx) {
            ++runs;
            tx.execute("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$");
        }),
        Overloaded
    );

    CHECK(runs == 30);
}

TEST_CASE("a serialization failure is run again even if the work swallows it") {
    if (without_cluster()) return;
    test::PostgresFixture fixture;
    make_table(fixture.database());
    int runs = 0;

    fixture.database().write([&](Tx& tx) {
        ++runs;
        put(tx, runs);
        if (runs > 1) return;
        try {
            (void)tx.attempt([&]() -> Result<void> {
                tx.execute("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40P01'; END $$");
                return {};
            });
        } catch (const std::exception&) {
            return;
        }
    });

    CHECK(runs == 2);
    CHECK(count_rows(fixture.database()) == 1);
}

TEST_CASE("a constraint that is checked at the commit is told to the caller") {
    if (without_cluster()) return;
    test::PostgresFixture fixture;
    test::write_as_owner(fixture.database(), [](Tx& tx) {
        tx.execute("CREATE TABLE late (id BIGINT UNIQUE DEFERRABLE INITIALLY DEFERRED)");
    });

    CHECK_THROWS_AS(
        fixture.database().write([](Tx& tx) {
            tx.execute("INSERT INTO late (id) VALUES (1)");
            tx.execute("INSERT INTO late (id) VALUES (1)");
        }),
        ConstraintViolation
    );
}

TEST_CASE("every session commits durably, whatever the role's default is") {
    if (without_cluster()) return;
    test::PostgresFixture fixture;
    const auto setting = [](Database& database) {
        return database.read([](Tx& tx) {
            return tx.query("SELECT current_setting('synchronous_commit')").front().text(0);
        });
    };
    auto settings = fixture.settings();
    settings.conninfo += " options='-c synchronous_commit=off'";
    CHECK(setting(*open_postgres(settings)) == "on");
    settings.conninfo =
        fixture.settings().conninfo + " options='-c synchronous_commit=remote_apply'";
    CHECK(setting(*open_postgres(settings)) == "remote_apply");
}

TEST_CASE("the text of a fault does not quote a row's values") {
    if (without_cluster()) return;
    test::PostgresFixture fixture;
    test::write_as_owner(fixture.database(), [](Tx& tx) {
        tx.execute("CREATE TABLE name (name TEXT PRIMARY KEY)");
    });
    const auto text = fault_of([&] {
        fixture.database().write([](Tx& tx) {
            tx.execute("INSERT INTO name (name) VALUES (?)", {"Grete Musterfrau"});
            tx.execute("INSERT INTO name (name) VALUES (?)", {"Grete Musterfrau"});
        });
    });
    CHECK_FALSE(text.empty());
    CHECK(text.find("Musterfrau") == std::string::npos);
}

TEST_CASE("columns of types that we do not write ourselves are read as well") {
    if (without_cluster()) return;
    test::PostgresFixture fixture;
    const auto row = fixture.database().read([](Tx& tx) {
        return tx
            .query(
                "SELECT true, CAST(-2 AS SMALLINT), CAST(-3 AS INTEGER), "
                "CAST('n' AS name), '\\xdeadbeef'::bytea, 12345678901234567890 / 10 * 1.0 "
                "> 1, sum(5), CAST('x' AS VARCHAR)"
            )
            .front();
    });
    CHECK(row.integer(0) == 1);
    CHECK(row.integer(1) == -2);
    CHECK(row.integer(2) == -3);
    CHECK(row.text(3) == "n");
    CHECK(to_hex(row.blob(4)) == "deadbeef");
    CHECK(row.integer(5) == 1);
    CHECK(row.integer(6) == 5);
    CHECK(row.text(7) == "x");

    // One column without a binary form brings all of them as text.
    const auto texts = fixture.database().read([](Tx& tx) {
        return tx
            .query(
                "SELECT CAST(7 AS NUMERIC), '\\x00ff'::bytea, false, CAST(-1 AS BIGINT), "
                "'t', CAST(NULL AS BYTEA), pg_sleep(0)"
            )
            .front();
    });
    CHECK(texts.integer(0) == 7);
    CHECK(to_hex(texts.blob(1)) == "00ff");
    CHECK(texts.integer(2) == 0);
    CHECK(texts.integer(3) == -1);
    CHECK(texts.text(4) == "t");
    CHECK(texts.is_null(5));
    CHECK(texts.is_null(6));
    CHECK_THROWS_AS(
        fixture.database().read([](Tx& tx) { (void)tx.query("SELECT CAST(1.5 AS FLOAT)"); }), Fault
    );
    CHECK_THROWS_AS(fixture.database().read([](Tx& tx) { (void)tx.query("SELECT 1.5"); }), Fault);
}

}  // namespace sallyport::store
