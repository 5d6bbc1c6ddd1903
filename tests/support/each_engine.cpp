// Apart from the fixtures, which benchmarks use too: this speaks to doctest.
#include "tests/support/databases.h"

#include <doctest/doctest.h>

namespace sallyport::test {

void for_each_engine(const std::function<void(store::Database&)>& body) {
    {
        INFO("on SQLite");
        SqliteFixture sqlite;
        body(sqlite.database());
    }
    if (postgres_socket_folder().empty()) {
        MESSAGE("PostgreSQL is left out: SALLYPORT_TEST_PG_SOCKET_DIR is not set");
        return;
    }
    INFO("on PostgreSQL");
    PostgresFixture postgres;
    body(postgres.database());
}

}  // namespace sallyport::test
