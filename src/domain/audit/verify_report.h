#pragma once
// What `sallyport audit verify` found, as text for people and as JSON for machines.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sallyport::audit {

// One thing that is wrong. Kinds are stable; docs/protocols/audit-log.md lists them.
struct Finding {
    std::string kind;                    // "entry_changed", "row_missing", "rolled_back", …
    std::optional<std::uint64_t> index;  // the first event it concerns, counted from 0
    std::string detail;
};

// Keeps the findings with the lowest indices; a log that is wrong everywhere must not fill memory.
class Findings {
public:
    static constexpr std::size_t kept_max = 100;

    void add(std::string kind, std::optional<std::uint64_t> index, std::string detail);
    // Sorted by index; those without one first.
    [[nodiscard]] std::vector<Finding> take() &&;

    [[nodiscard]] std::uint64_t total() const noexcept { return total_; }

private:
    std::vector<Finding> kept_;
    std::uint64_t total_ = 0;
};

struct VerifyReport {
    std::vector<Finding> findings;  // at most Findings::kept_max
    std::uint64_t findings_total = 0;

    std::string origin;
    std::uint64_t size = 0;                    // events under the log's checkpoint
    std::string root;                          // as recomputed, hex; empty if it could not be
    std::uint64_t checkpoints = 0;             // signed ones that were compared, anchors among them
    std::optional<std::uint64_t> anchor_size;  // of the largest good anchor
    bool key_was_given = false;                // else the log's own folder named the key

    bool with_database = false;
    std::uint64_t rows = 0;             // compared with the log
    std::uint64_t uncovered = 0;        // events in the database that no checkpoint covers yet
    std::uint64_t personal = 0;         // personal texts that match their commitments
    std::uint64_t personal_erased = 0;  // commitments whose text is gone

    [[nodiscard]] bool sound() const noexcept { return findings_total == 0; }

    // The lowest event that is wrong, if a finding names one.
    [[nodiscard]] std::optional<std::uint64_t> first_bad() const;
    // What the checks can't rule out, in sentences.
    [[nodiscard]] std::vector<std::string> remarks() const;
};

[[nodiscard]] std::string to_text(const VerifyReport& report);
[[nodiscard]] std::string to_json(const VerifyReport& report);

}  // namespace sallyport::audit
