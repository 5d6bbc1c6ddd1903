#include "base/core/log.h"
#include "base/store/faults.h"
#include "base/store/migration.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace sallyport::store {

namespace {

constexpr std::string_view table_sql =
    "CREATE TABLE IF NOT EXISTS schema_migration (\n"
    "version {int} PRIMARY KEY,\n"
    "name {text} NOT NULL,\n"
    "applied_at {int} NOT NULL,\n"
    "digest {text} NOT NULL\n"
    ") {strict};\n";

struct Applied {
    std::string name;
    std::string digest;
};

using AppliedByVersion = std::map<std::int64_t, Applied>;

bool has_table(Tx& tx, Engine engine) {
    const auto* const sql =
        engine == Engine::sqlite
            ? "SELECT count(*) FROM sqlite_schema WHERE name = 'schema_migration'"
            : "SELECT count(to_regclass('schema_migration'))";
    return tx.query(sql).front().integer(0) != 0;
}

AppliedByVersion read_applied(Tx& tx, Engine engine) {
    AppliedByVersion applied;
    if (!has_table(tx, engine)) return applied;
    for (const auto& row : tx.query("SELECT version, name, digest FROM schema_migration")) {
        applied.emplace(row.integer(0), Applied{row.text(1), row.text(2)});
    }
    return applied;
}

int newest(std::span<const Migration> migrations) {
    return migrations.empty() ? 0 : migrations.back().version;
}

void require_known(const AppliedByVersion& applied, std::span<const Migration> migrations) {
    for (const auto& [version, found] : applied) {
        const auto known = std::ranges::find(migrations, version, &Migration::version);
        if (known == migrations.end()) {
            throw SchemaTooNew(fmt::format(
                "the database has schema {} ({}), this binary knows up to {}: it was written by a "
                "newer Sallyport. Start that version, or restore a backup made by this one.",
                version,
                found.name,
                newest(migrations)
            ));
        }
        if (known->digest != found.digest) {
            throw Fault(fmt::format(
                "migration {:04}_{} was changed after this database had been brought up with it. "
                "Start the Sallyport that it was brought up with.",
                version,
                known->name
            ));
        }
    }
}

void require_forward(const AppliedByVersion& applied, const Migration& next) {
    if (applied.empty() || applied.rbegin()->first < next.version) return;
    throw Fault(fmt::format(
        "migration {:04}_{} comes after the database was brought up to {}: migrations only go "
        "forward",
        next.version,
        next.name,
        applied.rbegin()->first
    ));
}

void run_all(Tx& tx, std::string_view sql, Engine engine, std::string_view server_role) {
    for (const auto& statement : migration_statements(sql, engine, server_role)) {
        tx.execute(statement);
    }
}

// A second node may be doing the same. The lock comes first, before PostgreSQL takes the snapshot
// that this transaction reads.
void lock_table(Tx& tx, Engine engine) {
    if (engine == Engine::postgres) {
        tx.execute("LOCK TABLE schema_migration IN ACCESS EXCLUSIVE MODE");
    }
}

// Where there is no table to lock yet. The number stands for this purpose alone ("sp_schem").
void wait_for_other_nodes(Tx& tx, Engine engine) {
    if (engine == Engine::postgres) tx.execute("SELECT pg_advisory_xact_lock(8317711195117217133)");
}

// A role that owns the tables can give itself back what a migration took from it.
void warn_of_owner(Database& database) {
    if (database.engine() == Engine::sqlite) return;
    const auto owns = database.read([](Tx& tx) {
        return tx
            .query(
                "SELECT count(*) FROM pg_tables t JOIN pg_roles r ON r.rolname = current_user "
                "WHERE t.tablename = 'schema_migration' AND "
                "(r.rolsuper OR pg_has_role(t.tableowner, 'USAGE'))"
            )
            .front()
            .integer(0);
    });
    if (owns == 0) return;
    log::warning(
        "the server's PostgreSQL role owns its tables, so nothing in the database keeps it from "
        "changing audit rows; give it a role of its own and name the owner's conninfo"
    );
}

// `role` is the server's; the current role makes the tables.
void give_use_of_tables(Tx& tx, std::string_view role) {
    run_all(
        tx,
        "ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "
        "{server_role};\n"
        "ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT ON SEQUENCES TO {server_role};\n"
        "GRANT SELECT ON schema_migration TO {server_role};\n",
        Engine::postgres,
        role
    );
}

std::string current_role(Database& database) {
    if (database.engine() == Engine::sqlite) return {};
    return database.read([](Tx& tx) {
        return tx.query("SELECT CAST(current_user AS TEXT)").front().text(0);
    });
}

void apply(
    Database& owner,
    const Migration& migration,
    std::span<const Migration> all,
    std::string_view role
) {
    const auto engine = owner.engine();
    const bool done = owner.write([&](Tx& tx) {
        lock_table(tx, engine);
        const auto applied = read_applied(tx, engine);
        require_known(applied, all);
        if (applied.contains(migration.version)) return false;
        require_forward(applied, migration);
        run_all(tx, migration.sql, engine, role);
        tx.execute(
            "INSERT INTO schema_migration (version, name, applied_at, digest) VALUES (?, ?, ?, ?)",
            {std::int64_t{migration.version},
             std::string(migration.name),
             value(SystemClock().now()),
             std::string(migration.digest)}
        );
        return true;
    });
    if (done) {
        log::info(
            "the schema was brought forward",
            {{"version", std::int64_t{migration.version}}, {"name", std::string(migration.name)}}
        );
    }
}

void bring_forward(
    Database& database, std::span<const Migration> migrations, const AppliedByVersion& applied
) {
    if (applied.size() == migrations.size()) return;
    const auto engine = database.engine();
    const auto owner = database.open_as_owner();
    auto& target = owner ? *owner : database;
    const auto server_role = current_role(database);
    target.write([&](Tx& tx) {
        wait_for_other_nodes(tx, engine);
        run_all(tx, table_sql, engine, server_role);
        if (owner) give_use_of_tables(tx, server_role);
    });
    for (const auto& migration : migrations) {
        if (!applied.contains(migration.version)) {
            apply(target, migration, migrations, server_role);
        }
    }
}

}  // namespace

void migrate(Database& database, std::span<const Migration> migrations) {
    const auto engine = database.engine();
    const auto applied = database.read([&](Tx& tx) { return read_applied(tx, engine); });
    require_known(applied, migrations);
    bring_forward(database, migrations, applied);
    warn_of_owner(database);
}

void migrate(Database& database) {
    migrate(database, embedded_migrations());
}

int schema_version() noexcept {
    return newest(embedded_migrations());
}

}  // namespace sallyport::store
