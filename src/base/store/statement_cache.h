#pragma once
// Prepared statements by their text, the least recently used one leaving when there are too many.

#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace sallyport::store {

template <class Statement>
class StatementCache {
public:
    explicit StatementCache(std::size_t size_max) : size_max_(size_max) {}

    // The statement, now the most recently used, or null. Good until the next put().
    [[nodiscard]] Statement* find(std::string_view key) {
        const auto found = index_.find(key);
        if (found == index_.end()) return nullptr;
        order_.splice(order_.begin(), order_, found->second);
        return &found->second->second;
    }

    // Makes room for one more: the statement that had to leave.
    [[nodiscard]] std::optional<Statement> make_room() {
        if (order_.size() < size_max_) return std::nullopt;
        std::optional<Statement> leaving(std::move(order_.back().second));
        index_.erase(order_.back().first);
        order_.pop_back();
        return leaving;
    }

    Statement& put(std::string key, Statement statement) {
        order_.emplace_front(std::move(key), std::move(statement));
        index_.emplace(order_.front().first, order_.begin());
        return order_.front().second;
    }

    void clear() {
        index_.clear();
        order_.clear();
    }

    [[nodiscard]] std::size_t size() const noexcept { return order_.size(); }

private:
    using Order = std::list<std::pair<std::string, Statement>>;

    std::size_t size_max_;
    Order order_;
    std::unordered_map<std::string_view, typename Order::iterator> index_;  // views into order_
};

}  // namespace sallyport::store
