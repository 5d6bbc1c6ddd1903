#pragma once
// `sallyport breach-list import` and `show`. The import works beside a running server: it writes a
// new file beside the one in force, reads it back, and replaces the old one together with the event
// that tells of it. Whatever stops it before leaves the old one as it was.

#include "apps/sallyport/command.h"

#include "domain/authn/breach_list_source.h"
#include "domain/recording/disk.h"

#include <cstdint>
#include <functional>
#include <string>

namespace sallyport::cli {

struct BreachListImport {
    std::string config_file;
    std::string source_file;
    std::uint64_t count_min = 1;
    std::string reason;
    bool as_json = false;
};

// Throws CommandFailed: a line that makes no sense (with its number), another import, a signal.
void import_breach_list(const BreachListImport& given, const World& world);

// Reads and verifies the one in force. Throws CommandFailed: there is none, or it is damaged.
void show_breach_list(const std::string& config_file, bool as_json);

// The work of it. `record` puts on record what is about to be in force, and runs `replace`, which
// puts it in force; a fault in either leaves the old list and removes the new one.
using RecordImport =
    std::function<void(const authn::BreachListFacts& facts, const std::function<void()>& replace)>;
authn::BreachListFacts replace_breach_list(
    recording::Disk& disk,
    const std::string& path,
    const authn::BreachSource& source,
    Time now,
    const authn::GoOn& go_on,
    const RecordImport& record
);

}  // namespace sallyport::cli
