#pragma once
// The program at a workstation's badge reader: tells the server which card came and that it went.
// What it could not tell waits: a card that went is told for as long as it takes, since a session
// may stand open; a card that came only while its tap would be worth anything.

#include "apps/sallyport/badge/card_reader.h"

#include "base/core/bytes.h"
#include "base/core/time.h"
#include "domain/authn/badge/badge_tap.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::cli {

enum class Delivery : std::uint8_t {
    done,
    refused,       // looked at, and of no use: this card, or too many of them
    unregistered,  // the server does not know this reader (any more)
    away,          // no answer, or one that says to come back later
};

// The seam to the server.
class BadgeServer {
public:
    virtual ~BadgeServer() = default;
    // `said`: the server's words, for whoever reads the log.
    [[nodiscard]] virtual Delivery tap(const authn::CardSeen& card, std::string& said) = 0;
    // What a card with a key signs for its tap.
    [[nodiscard]] virtual Delivery challenge(Bytes& challenge, std::string& said) = 0;
    [[nodiscard]] virtual Delivery removal(std::string& said) = 0;
};

class BadgeAgent {
public:
    static constexpr std::chrono::seconds told_within_max{15};  // a tap lives for 30 s
    static constexpr std::chrono::milliseconds bounce{1500};    // the same card again: a shaky hand
    static constexpr std::chrono::seconds wait_min{1};          // doubled while the server is away
    static constexpr std::chrono::seconds wait_max{30};

    enum class Mode : std::uint8_t { tap, stay };
    using Say = std::function<void(std::string_view line)>;

    // All must outlive it.
    BadgeAgent(CardReader& reader, BadgeServer& server, const Clock& clock, Mode mode, Say say);

    // Waits for a change for `time_max` at most and tells of it, or of what waits. False once the
    // server does not know this reader: there is nothing more to do.
    [[nodiscard]] bool step(std::chrono::milliseconds time_max);

private:
    struct Tap {
        Bytes uid;
        bool has_key;
        Duration seen_at;
    };

    void note(const CardChange& change);
    void note_gone();
    [[nodiscard]] bool tell();
    [[nodiscard]] Delivery tell_tap(const Tap& tap, std::string& said);
    [[nodiscard]] bool settle(Delivery delivery, std::string_view said);

    CardReader& reader_;
    BadgeServer& server_;
    const Clock& clock_;
    Mode mode_;
    Say say_;
    bool card_there_ = false;
    bool owes_removal_ = false;
    std::optional<Tap> owed_tap_;
    std::optional<Tap> last_tap_;
    std::chrono::seconds wait_{0};  // 0: the server was there when it was asked last
    Duration next_try_{0};
};

}  // namespace sallyport::cli
