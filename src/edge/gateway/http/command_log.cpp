#include "edge/gateway/http/command_log.h"

#include "base/core/log.h"
#include "base/store/faults.h"
#include "domain/audit/log.h"

#include <future>
#include <iterator>
#include <utility>

namespace sallyport::gateway {

bool is_command(std::string_view method) noexcept {
    return method != "GET" && method != "HEAD" && method != "OPTIONS";
}

void CommandLog::add(const Visit& visit, const Command& command) {
    const auto& facts = visit.facts();
    auto event = audit::event_by(
        facts.actor, "pam.command", "command", "device:" + facts.device.name.text()
    );
    event.grant = facts.grant.id;
    event.ticket = facts.grant.change_ticket;
    const bool done = command.end.outcome == ExchangeOutcome::answered ||
                      command.end.outcome == ExchangeOutcome::upgraded;
    event.outcome = done ? audit::Outcome::success : audit::Outcome::failed;
    event.reason = command.end.reason;
    event.fields = {
        {"connection", facts.id.text()},
        {"seq", std::int64_t{command.end.id}},
        {"command", command.method + ' ' + command.path},
        {"status", std::int64_t{command.end.status}},
    };
    bool full = false;
    {
        const std::lock_guard lock(state_->mutex);
        state_->waiting.push_back(std::move(event));
        full = state_->waiting.size() >= batch_max;
    }
    if (full) write();
}

void CommandLog::write() {
    try {
        submit([](bool) {});
    } catch (const store::Overloaded&) {
        log::warning("commands of visits wait for room in the store");
    }
}

bool CommandLog::write_all() {
    std::promise<bool> written;
    try {
        submit([&written](bool well) { written.set_value(well); });
    } catch (const store::Overloaded&) {
        return false;
    }
    return written.get_future().get();
}

void CommandLog::submit(std::move_only_function<void(bool)> done) {
    auto batch = std::make_shared<std::vector<audit::Event>>();
    {
        const std::lock_guard lock(state_->mutex);
        batch->swap(state_->waiting);
    }
    if (batch->empty()) {
        done(true);
        return;
    }
    const auto put_back = [state = state_, batch] {
        const std::lock_guard lock(state->mutex);
        state->waiting.insert(
            state->waiting.begin(),
            std::make_move_iterator(batch->begin()),
            std::make_move_iterator(batch->end())
        );
    };
    auto work = [batch, moment = state_->moments.now()](store::Tx& tx) {
        for (const auto& event : *batch) {
            audit::append(tx, moment, event);
        }
    };
    auto written = [put_back, done = std::move(done)](const std::exception_ptr& failed) mutable {
        if (failed) {
            log::warning("commands of visits could not be written to the audit log yet");
            put_back();
        }
        done(!failed);
    };
    try {
        state_->database.submit_write(std::move(work), std::move(written));
    } catch (const store::Overloaded&) {
        put_back();
        throw;
    }
}

}  // namespace sallyport::gateway
