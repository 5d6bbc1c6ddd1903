#include "tests/support/databases.h"

#include "base/store/database.h"
#include "base/store/faults.h"

#include <doctest/doctest.h>

namespace sallyport::store {

TEST_CASE("values of every kind come back as they went in") {
    test::for_each_engine([](Database& database) {
        test::write_as_owner(database, [](Tx& tx) {
            tx.execute("CREATE TABLE thing (id TEXT PRIMARY KEY, size BIGINT)");
        });
        database.write([](Tx& tx) {
            tx.execute("INSERT INTO thing (id, size) VALUES (?, ?)", {"a", std::int64_t{5}});
            CHECK_FALSE(tx.execute_or_conflict(
                "INSERT INTO thing (id, size) VALUES (?, ?)", {"a", std::int64_t{5}}
            ));
        });
        const auto size = database.read([](Tx& tx) {
            return tx.query("SELECT size FROM thing WHERE id = ?", {"a"}).at(0).integer(0);
        });
        CHECK(size == 5);
    });
}

}  // namespace sallyport::store
