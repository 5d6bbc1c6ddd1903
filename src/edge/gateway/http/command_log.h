#pragma once
// pam.command: what a person changed on a device, found in the audit log without opening a
// recording. Reading a page is no command; what may change the device (POST, PUT, …, a protocol
// switch) is. The recording is the evidence; these events are its index, written in batches a
// moment later.

#include "base/core/moment.h"
#include "base/store/database.h"
#include "domain/audit/event.h"
#include "edge/gateway/http/visit.h"
#include "edge/gateway/http/visit_frames.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::gateway {

[[nodiscard]] bool is_command(std::string_view method) noexcept;

struct Command {
    std::string method;
    std::string path;  // masked, without the query
    ExchangeEnd end;
};

// Thread-safe.
class CommandLog {
public:
    static constexpr std::size_t batch_max = 256;

    CommandLog(store::Database& database, const MomentSource& moments)
        : state_(std::make_shared<State>(database, moments)) {}

    // Written with the next batch; at once when many wait.
    void add(const Visit& visit, const Command& command);
    // Writes what waits, without waiting for it. What can't be written now stays for the next time.
    void write();
    // The same, waited for; not from an event loop. False: something could not be written.
    bool write_all();

private:
    // Throws store::Overloaded, everything then waiting as before.
    void submit(std::move_only_function<void(bool)> done);

    struct State {
        State(store::Database& given, const MomentSource& source)
            : database(given), moments(source) {}

        store::Database& database;
        const MomentSource& moments;
        std::mutex mutex;
        std::vector<audit::Event> waiting;
    };

    std::shared_ptr<State> state_;
};

}  // namespace sallyport::gateway
