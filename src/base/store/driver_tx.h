#pragma once
// What both drivers' transactions share: after a failed statement a transaction is broken until it
// is undone to a savepoint. PostgreSQL insists on that; SQLite would go on, so we hold it to the
// same rule and no code can come to rely on the difference.

#include "base/store/tx.h"

#include <string>

namespace sallyport::store {

class DriverTx : public Tx {
public:
    std::int64_t execute(std::string_view sql, const std::vector<Value>& values = {}) final;
    [[nodiscard]] std::vector<Row> query(
        std::string_view sql, const std::vector<Value>& values = {}
    ) final;

    // Called after the work: throws if it swallowed a fault and so believes in what did not happen.
    void require_whole() const;

protected:
    struct Outcome {
        std::int64_t changes = 0;
        std::vector<Row> rows;
    };

    // Runs one statement; throws what went wrong.
    virtual Outcome run(std::string_view sql, const std::vector<Value>& values) = 0;
    // Runs SAVEPOINT, RELEASE, ROLLBACK TO.
    virtual void control(std::string_view sql) = 0;
    // Whether the transaction still stands, so that a savepoint can mend it.
    [[nodiscard]] virtual bool stands() const noexcept = 0;

private:
    void savepoint() final;
    void release() final;
    void undo() final;

    Outcome guarded(std::string_view sql, const std::vector<Value>& values);

    std::string broken_;  // why, if it is
};

// Texts that PostgreSQL could not store are refused on both engines: a Fault unless every text is
// valid UTF-8 without zero bytes.
void require_texts_storable(const std::vector<Value>& values);
[[nodiscard]] bool is_storable_text(std::string_view text) noexcept;

}  // namespace sallyport::store
