#include "domain/authn/breach_list_source.h"

#include "base/core/fault.h"
#include "domain/authn/breach_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport::authn {

namespace {

constexpr std::size_t block_size = std::size_t{1} << 20;
constexpr std::uint64_t line_size_least = 43;  // hash, colon, one digit, line feed

using TakeKey = std::function<Result<void>(std::uint64_t key)>;

// Reads the lines and hands on the hashes that were seen often enough.
class Reading {
public:
    Reading(const BreachSource& source, const GoOn& go_on, const TakeKey& take)
        : source_(source), go_on_(go_on), take_(take) {}

    [[nodiscard]] Result<void> run() {
        std::string block(block_size, '\0');
        for (;;) {
            source_.text.read(block.data(), static_cast<std::streamsize>(block.size()));
            const auto got = static_cast<std::size_t>(source_.text.gcount());
            if (source_.text.bad()) throw Fault("the list can't be read to its end");
            if (got == 0) break;
            progress_.bytes += got;
            SP_CHECK(take_block(std::string_view(block).substr(0, got)));
            if (!go_on_(progress_)) return refuse(Refusal::conflict, "breach_list.stopped");
        }
        return begun_.empty() ? Result<void>{} : take_line(begun_);
    }

private:
    [[nodiscard]] Result<void> take_block(std::string_view block) {
        for (auto end = block.find('\n'); end != std::string_view::npos; end = block.find('\n')) {
            begun_.append(begun_.empty() ? std::string_view() : block.substr(0, end));
            SP_CHECK(take_line(begun_.empty() ? block.substr(0, end) : begun_));
            begun_.clear();
            block.remove_prefix(end + 1);
        }
        // No more of an endless line than shows that it is too long.
        const auto room = breach_line_size_max + 2 - std::min(begun_.size(), breach_line_size_max);
        begun_.append(block.substr(0, room));
        return {};
    }

    [[nodiscard]] Result<void> take_line(std::string_view line) {
        ++progress_.lines;
        const auto taken = [&]() -> Result<void> {
            SP_TRY(const auto read, parse_breach_line(line));
            if (read.count < source_.count_min) return {};
            return take_(read.key);
        }();
        if (taken) return {};
        auto why = taken.error();
        why.detail = fmt::format("line {}: {}", progress_.lines, why.detail);
        return std::unexpected(std::move(why));
    }

    const BreachSource& source_;
    const GoOn& go_on_;
    const TakeKey& take_;
    BreachProgress progress_;
    std::string begun_;  // a line whose end is in the next block
};

Result<void> add_all(BreachListBuilder& builder, std::vector<std::uint64_t> keys) {
    std::ranges::sort(keys);
    for (const auto key : keys) {
        SP_CHECK(builder.add(key));
    }
    return {};
}

}  // namespace

Result<BreachListFacts> build_breach_list(
    const BreachSource& source, Time now, const WriteAt& write, const GoOn& go_on
) {
    BreachListFacts planned;
    planned.shard_bits = breach_shard_bits_for(source.size / line_size_least);
    planned.count_min = source.count_min;
    planned.made_at = now;
    planned.source = source.name;
    BreachListBuilder builder(std::move(planned), write);

    std::vector<std::uint64_t> keys;
    const bool sorts = source.size <= breach_source_unsorted_max;
    const TakeKey take = [&](std::uint64_t key) -> Result<void> {
        if (!sorts) return builder.add(key);
        keys.push_back(key);
        return {};
    };
    SP_CHECK(Reading(source, go_on, take).run());
    SP_CHECK(add_all(builder, std::move(keys)));
    auto facts = builder.finish();
    if (facts.entries == 0) {
        return refuse(Refusal::invalid, "breach_list.empty", "there is no hash in it to be kept");
    }
    return facts;
}

}  // namespace sallyport::authn
