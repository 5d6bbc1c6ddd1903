#include "apps/sallyport/open_store.h"

namespace sallyport::cli {

std::unique_ptr<store::Database> open_store(const config::Settings& settings) {
    const auto& store = settings.store;
    if (store.engine == config::StoreEngine::postgres) {
        return store::open_postgres(
            {.conninfo = store.conninfo,
             .owner_conninfo = store.owner_conninfo,
             .queue_max = store.queue_max,
             .connections = store.connections}
        );
    }
    return store::open_sqlite(
        {.path = store.path, .queue_max = store.queue_max, .readers = store.readers}
    );
}

}  // namespace sallyport::cli
