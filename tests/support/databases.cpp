#include "tests/support/databases.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace sallyport::test {

TemporaryFolder::TemporaryFolder() {
    std::string pattern = std::filesystem::temp_directory_path() / "sallyport-test-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) {
        throw std::system_error(errno, std::generic_category(), pattern);
    }
    path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

SqliteFixture::SqliteFixture() : settings_{.path = folder_.file("sallyport.db")} {
    reopen();
    store::migrate(*database_);
}

void SqliteFixture::reopen() {
    database_.reset();
    database_ = store::open_sqlite(settings_);
}

void for_each_engine(const std::function<void(store::Database&)>& body) {
    {
        INFO("on SQLite");
        SqliteFixture sqlite;
        body(sqlite.database());
    }
}

}  // namespace sallyport::test
